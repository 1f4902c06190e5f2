public import HymbaFormat

/// An element type that tensors can be cast to.
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

/// A cast of a checkpoint's tensors to another element type.
///
/// Floating-point tensors become `type`. Those whose names match one of `keepF32` become F32: an F32 tensor
/// keeps its bytes, narrower types are widened exactly, and F64 is rounded. Integers and truth values are never
/// cast, and a tensor that already has its target type keeps its bytes.
public struct Cast: Hashable, Sendable {
  /// The type of all floating-point tensors that no pattern keeps.
  public var type: CastType
  /// The patterns of names whose tensors become F32. Each must match a floating-point tensor.
  public var keepF32: [NameGlob]
  /// Whether a loss beyond the limits is accepted. The limits: no finite value may become infinite, and in no
  /// tensor may more than ``flushedShare`` of the nonzero values become zero.
  public var acceptsLoss: Bool

  /// The largest share of a tensor's nonzero values that may become zero: one in a hundred. Weights that become
  /// zero in F16 are below 3e-8. A few of them are noise, but the layer may depend on them where they are many.
  public static let flushedShare = 0.01

  public init(to type: CastType, keepF32: [NameGlob] = [], acceptsLoss: Bool = false) {
    self.type = type
    self.keepF32 = keepF32
    self.acceptsLoss = acceptsLoss
  }

  /// The type that a tensor is cast to; nil when the tensor keeps its bytes.
  func target(of tensor: TensorDescriptor) -> CastType? {
    guard tensor.type.isFloatingPoint else { return nil }
    let target = keeps(tensor.name) ? .float32 : type
    return target.elementType == tensor.type ? nil : target
  }

  /// Whether a tensor of this name is kept in F32.
  func keeps(_ name: String) -> Bool { keepF32.contains { $0.matches(name) } }
}
