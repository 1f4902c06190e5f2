import HymbaFormat

/// A checkpoint of which some tensors are computed while they are read, each element of the one in its place.
///
/// Any range can be read. A read in progress holds one window of the source in memory.
struct ComputedSource: DerivedSource {
  let tensors: TensorTable
  let source: any CheckpointSource
  private let computed: NameTable<ComputedElements>

  /// The number of elements that are computed at a time by a read of any range.
  private static let pieceElements = 1 << 18

  /// - Parameter compute: How a tensor of `source` is computed; nil for one that passes as it is.
  /// - Throws: What `compute` throws.
  init(
    _ source: any CheckpointSource, _ compute: (TensorDescriptor) throws -> ComputedElements?
  ) throws {
    var computed: NameTable<ComputedElements> = [:]
    self.tensors = try TensorTable(
      source.tensors.map { tensor in
        guard let elements = try compute(tensor) else { return tensor }
        computed[tensor.name] = elements
        return elements.tensor
      })
    self.source = source
    self.computed = computed
  }

  func read(
    _ tensor: TensorDescriptor, from offset: Int, into buffer: inout MutableRawSpan
  ) throws {
    guard let elements = computed[tensor.name] else {
      return try source.read(tensor, from: offset, into: &buffer)
    }
    try elements.read(from: offset, into: &buffer, piece: Self.pieceElements) { offset, bytes in
      try source.read(elements.original, from: offset, into: &bytes)
    }
  }

  func reading(
    of tensor: TensorDescriptor, _ purpose: ReadingPurpose
  ) throws -> any TensorReading {
    guard let elements = computed[tensor.name] else { return try source.reading(of: tensor, purpose) }
    return ComputedReading(
      elements: elements, original: try source.reading(of: elements.original, purpose))
  }
}
