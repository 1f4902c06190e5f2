import HymbaFormat

/// A checkpoint whose tensors are cast while they are read.
///
/// Any range can be read, as each element is rounded by itself. A read in progress holds one window of the
/// source in memory.
struct CastSource: CheckpointSource {
  let tensors: TensorTable
  private let source: any CheckpointSource
  private let targets: NameTable<CastType>
  private let tally: CastTally

  /// The number of elements that are cast at a time by a read of any range.
  private static let pieceElements = 1 << 18

  /// - Parameter tally: Counts what happens to the elements that are read.
  /// - Throws: ``ConversionError/keepsNothing(_:)`` for a pattern of `keepF32` that matches no floating-point
  ///   tensor, ``ConversionError/cannotCast(_:_:)`` for a tensor whose type has no readable values.
  init(_ source: any CheckpointSource, _ cast: Cast, tally: CastTally) throws {
    let floats = source.tensors.filter(\.type.isFloatingPoint)
    if let opaque = source.tensors.first(where: \.type.isOpaque) {
      throw ConversionError.cannotCast(opaque.name, opaque.type)
    }
    for glob in cast.keepF32 where !floats.contains(where: { glob.matches($0.name) }) {
      throw ConversionError.keepsNothing(glob.pattern)
    }
    var targets: NameTable<CastType> = [:]
    self.tensors = try TensorTable(
      source.tensors.map { tensor in
        guard let target = cast.target(of: tensor) else { return tensor }
        targets[tensor.name] = target
        return try TensorDescriptor(
          name: tensor.name, type: target.elementType, shape: tensor.shape)
      })
    self.source = source
    self.targets = targets
    self.tally = tally
  }

  var location: String { source.location }
  var metadata: NameTable<String> { source.metadata }
  var embeddedConfiguration: ConfigurationDocument? { source.embeddedConfiguration }
  var notes: [String] { source.notes }
  var leftAside: [LeftAside] { source.leftAside }
  var files: [SourceFile] { source.files }

  func storedBytes(of tensor: TensorDescriptor) -> Int {
    source.tensors[tensor.name].map(source.storedBytes) ?? 0
  }

  func storedType(of tensor: TensorDescriptor) -> String? {
    source.tensors[tensor.name].flatMap(source.storedType)
  }

  func read(
    _ tensor: TensorDescriptor, from offset: Int, into buffer: inout MutableRawSpan
  ) throws {
    guard let target = targets[tensor.name], let original = source.tensors[tensor.name] else {
      return try source.read(tensor, from: offset, into: &buffer)
    }
    try elements(of: original, as: tensor, target).read(
      from: offset, into: &buffer, piece: Self.pieceElements
    ) { offset, bytes in
      try source.read(original, from: offset, into: &bytes)
    }
  }

  func reading(
    of tensor: TensorDescriptor, _ purpose: ReadingPurpose
  ) throws -> any TensorReading {
    guard let target = targets[tensor.name], let original = source.tensors[tensor.name] else {
      return try source.reading(of: tensor, purpose)
    }
    return ComputedReading(
      elements: elements(of: original, as: tensor, target),
      original: try source.reading(of: original, purpose))
  }

  private func elements(
    of original: TensorDescriptor, as tensor: TensorDescriptor, _ target: CastType
  ) -> ComputedElements {
    ComputedElements(original: original, tensor: tensor) { [tally] bytes, elements, buffer in
      let counts = FloatCast.cast(bytes, original.type, to: target, into: &buffer)
      tally.add(counts, of: original.name, elements)
    }
  }
}
