public import HymbaFormat

/// A checkpoint of seeded random weights, with the scales of a freshly initialised model. It exists only in
/// memory, so that everything can be tried without weights.
///
/// Each number depends only on the seed, the parameter's name and the number's position. So any range can be
/// read at any time.
public struct RandomCheckpoint: CheckpointSource {
  public let location: String
  public let tensors: TensorTable
  public let files: [SourceFile] = []
  private let seed: UInt64

  /// - Parameters:
  ///   - architecture: What the model is.
  ///   - seed: The same seed gives the same numbers.
  ///   - type: `ElementType.float32`, or `ElementType.bfloat16` for the same numbers truncated to 16 bits. Any
  ///     other type counts as `ElementType.float32`.
  /// - Throws: As ``ParameterInventory/init(_:)``.
  public init(
    _ architecture: Architecture, seed: UInt64, type: ElementType = .float32
  ) throws(FormatError) {
    var descriptors: [TensorDescriptor] = []
    for parameter in try ParameterInventory(architecture) {
      descriptors.append(
        try TensorDescriptor(
          name: parameter.name, type: type == .bfloat16 ? .bfloat16 : .float32,
          shape: parameter.shape))
    }
    self.tensors = try TensorTable(descriptors)
    self.location = "random weights of seed \(seed)"
    self.seed = seed
  }

  public func read(
    _ tensor: TensorDescriptor, from offset: Int, into buffer: inout MutableRawSpan
  ) throws {
    try tensor.requireRange(offset, buffer.byteCount)
    let stream = SplitMix64.mix(seed ^ Self.hash(tensor.name))
    let distribution = Distribution(of: tensor)
    func value(_ index: Int) -> Float {
      distribution.value(
        uniform: SplitMix64.unit(SplitMix64.value(seed: stream, index: UInt64(index))))
    }
    switch tensor.type {
    case .bfloat16:
      buffer.fill(from: offset) { UInt16(truncatingIfNeeded: value($0).bitPattern >> 16) }
    default: buffer.fill(from: offset) { value($0).bitPattern }
    }
  }

  /// The distribution of fresh parameters, by their role.
  private enum Distribution {
    /// Uniform within `halfWidth` of the centre.
    case uniform(center: Float, halfWidth: Float)

    init(of tensor: TensorDescriptor) {
      let name = tensor.name
      if name.hasSuffix("norm.weight") {
        self = .uniform(center: 1, halfWidth: 0.1)
      } else if name.hasSuffix("dt_proj.bias") || name.hasSuffix(".dt_bias") {
        // The softplus of these values covers the time steps from 0.001 to 0.1.
        self = .uniform(center: -4.6, halfWidth: 2.3)
      } else if name.hasSuffix("A_log") {
        // The logarithms of 1 to 16, the decay rates of a fresh model's states or heads.
        self = .uniform(center: 1.386, halfWidth: 1.386)
      } else if name.hasSuffix(".D") {
        self = .uniform(center: 1, halfWidth: 0.1)
      } else if name.hasSuffix("router.bias") {
        // It turns only choices that are nearly even, so that all experts are chosen.
        self = .uniform(center: 0, halfWidth: 0.05)
      } else if name.hasSuffix(".bias") {
        self = .uniform(center: 0, halfWidth: 0.1)
      } else {
        // Variance 1 / fan-in: a uniform distribution over [-w, w] has the variance w^2 / 3.
        let fanIn = Float(max(1, tensor.shape.dimensions.last ?? 1))
        self = .uniform(center: 0, halfWidth: (3 / fanIn).squareRoot())
      }
    }

    func value(uniform: Float) -> Float {
      switch self {
      case .uniform(let center, let halfWidth): center + halfWidth * uniform
      }
    }
  }

  /// The 64-bit FNV-1a hash.
  private static func hash(_ name: String) -> UInt64 {
    name.utf8.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
  }
}
