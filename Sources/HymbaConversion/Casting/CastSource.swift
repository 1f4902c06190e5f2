import HymbaFormat

/// A checkpoint whose tensors are cast while they are read.
///
/// Reading any range gives what that range of the whole tensor is, since each element is rounded by itself.
/// Memory: a window of the source for each read that is under way.
struct CastSource: CheckpointSource {
  let tensors: TensorTable
  private let source: any CheckpointSource
  private let targets: NameTable<CastType>
  private let tally: CastTally

  /// Elements that are cast at a time where the source is read in any ranges.
  private static let pieceElements = 1 << 18

  /// - Parameter tally: Is told what happens to the elements that are read.
  /// - Throws: ``ConversionError/keepsNothing(_:)`` for a pattern that matches no floating-point tensor,
  ///   ``ConversionError/cannotCast(_:_:)``.
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

  func read(
    _ tensor: TensorDescriptor, from offset: Int, into buffer: inout MutableRawSpan
  ) throws {
    guard let target = targets[tensor.name], let original = source.tensors[tensor.name] else {
      return try source.read(tensor, from: offset, into: &buffer)
    }
    let cast = ElementCast(original: original, tensor: tensor, target: target, tally: tally)
    try cast.read(from: offset, into: &buffer, piece: Self.pieceElements) { offset, bytes in
      try source.read(original, from: offset, into: &bytes)
    }
  }

  func reading(
    of tensor: TensorDescriptor, _ purpose: ReadingPurpose
  ) throws -> any TensorReading {
    guard let target = targets[tensor.name], let original = source.tensors[tensor.name] else {
      return try source.reading(of: tensor, purpose)
    }
    return CastReading(
      cast: ElementCast(original: original, tensor: tensor, target: target, tally: tally),
      original: try source.reading(of: original, purpose))
  }
}

/// A tensor that is cast window by window: a window of it is a window of the source.
private struct CastReading: TensorReading {
  let cast: ElementCast
  let original: any TensorReading

  var tensor: TensorDescriptor { cast.tensor }
  var windowBytes: Int { windowElements * tensor.type.byteSize }
  var readsWholeWindows: Bool { original.readsWholeWindows }
  var isCompared: Bool { original.isCompared }

  /// Windows of a source hold whole elements.
  private var windowElements: Int { original.windowBytes / cast.original.type.byteSize }

  func read(from offset: Int, into buffer: inout MutableRawSpan) throws {
    try cast.read(from: offset, into: &buffer, piece: windowElements) { offset, bytes in
      try original.read(from: offset, into: &bytes)
    }
  }
}

/// The cast of one tensor.
private struct ElementCast: Sendable {
  let original: TensorDescriptor
  /// What becomes of it.
  let tensor: TensorDescriptor
  let target: CastType
  let tally: CastTally

  /// Fills `buffer` with the bytes of the cast tensor from `offset` on.
  ///
  /// - Parameters:
  ///   - piece: Elements that are cast at a time; pieces end at multiples of it.
  ///   - read: Reads bytes of the original.
  func read(
    from offset: Int, into buffer: inout MutableRawSpan, piece: Int,
    _ read: (Int, inout MutableRawSpan) throws -> Void
  ) throws {
    try tensor.requireRange(offset, buffer.byteCount)
    // A tensor without elements is read, too, so that it is compared.
    if tensor.byteCount == 0 { return try read(0, &buffer) }
    let width = tensor.type.byteSize
    let end = offset + buffer.byteCount
    var position = offset
    while position < end {
      let first = position / width
      let last = min((end + width - 1) / width, (first / piece + 1) * piece)
      let stop = min(end, last * width)
      var part = buffer._mutatingExtracting(position - offset..<stop - offset)
      if position == first * width, stop == last * width {
        try cast(first..<last, into: &part, read)
      } else {
        // A range that begins or ends inside of an element.
        let elements = try [UInt8](count: (last - first) * width) {
          try cast(first..<last, into: &$0, read)
        }
        for index in 0..<stop - position {
          part.storeBytes(
            of: elements[position - first * width + index], toByteOffset: index, as: UInt8.self)
        }
      }
      position = stop
    }
  }

  private func cast(
    _ elements: Range<Int>, into buffer: inout MutableRawSpan,
    _ read: (Int, inout MutableRawSpan) throws -> Void
  ) throws {
    let width = original.type.byteSize
    let bytes = try [UInt8](count: elements.count * width) {
      try read(elements.lowerBound * width, &$0)
    }
    let counts = FloatCast.cast(bytes.raw, original.type, to: target, into: &buffer)
    tally.add(counts, of: original.name, elements)
  }
}
