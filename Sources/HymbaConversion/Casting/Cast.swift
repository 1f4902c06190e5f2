public import HymbaFormat

/// The types that tensors can be cast to.
public enum CastType: String, Hashable, Sendable, CaseIterable, Codable {
  case float64 = "F64"
  case float32 = "F32"
  case float16 = "F16"
  case bfloat16 = "BF16"

  public var elementType: ElementType {
    switch self {
    case .float64: .float64
    case .float32: .float32
    case .float16: .float16
    case .bfloat16: .bfloat16
    }
  }
}

/// Which tensors of a checkpoint get which type.
///
/// Floating-point tensors become `type`, those whose names match one of `keepF32` become F32: F32 stays as
/// it is, bit for bit, and narrower types are widened exactly. Integers and truth values are never cast, and
/// a tensor that has its type already keeps its bytes.
public struct Cast: Hashable, Sendable {
  public var type: CastType
  public var keepF32: [NameGlob]
  /// Whether values may be lost beyond the limits: none may become infinite, and of no tensor more than
  /// ``flushedShare`` of the numbers that are not zero may become zero.
  public var acceptsLoss: Bool

  /// One value in a hundred. Weights that vanish in F16 are below 3e-8: a few of them are noise, but where a
  /// whole tensor is so small, its numbers mean something to the layer behind it.
  public static let flushedShare = 0.01

  public init(to type: CastType, keepF32: [NameGlob] = [], acceptsLoss: Bool = false) {
    self.type = type
    self.keepF32 = keepF32
    self.acceptsLoss = acceptsLoss
  }

  /// What a tensor is cast to; nil when it keeps its bytes.
  func target(of tensor: TensorDescriptor) -> CastType? {
    guard tensor.type.isFloatingPoint else { return nil }
    let target = keeps(tensor.name) ? .float32 : type
    return target.elementType == tensor.type ? nil : target
  }

  func keeps(_ name: String) -> Bool { keepF32.contains { $0.matches(name) } }
}
