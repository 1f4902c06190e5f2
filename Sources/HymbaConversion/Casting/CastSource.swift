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

/// The reading of one tensor that is cast window by window. Each window of it is cast from one window of the
/// source.
private struct CastReading: TensorReading {
  let cast: ElementCast
  let original: any TensorReading

  var tensor: TensorDescriptor { cast.tensor }
  var windowBytes: Int { windowElements * tensor.type.byteSize }
  var readsWholeWindows: Bool { original.readsWholeWindows }
  var isCompared: Bool { original.isCompared }

  /// The number of elements in a window. Windows of the source hold whole elements.
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
  /// The tensor after the cast.
  let tensor: TensorDescriptor
  let target: CastType
  let tally: CastTally

  /// Fills `buffer` with the bytes of the cast tensor from byte `offset` on.
  ///
  /// - Parameters:
  ///   - piece: The number of elements that are cast at a time. Pieces end at multiples of it.
  ///   - read: Reads bytes of the original from a byte offset on.
  /// - Throws: ``FormatError`` for a range outside of the tensor, and what `read` throws.
  func read(
    from offset: Int, into buffer: inout MutableRawSpan, piece: Int,
    _ read: (Int, inout MutableRawSpan) throws -> Void
  ) throws {
    try tensor.requireRange(offset, buffer.byteCount)
    // A tensor without elements is read too, so that its digest is compared.
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
        // The range begins or ends inside of an element: the whole elements are cast, and a part of them is
        // copied.
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
