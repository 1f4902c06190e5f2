import HymbaFormat

/// A checkpoint seen under other names: each tensor is read by its move.
///
/// Where bytes keep their order, ranges of them pass through, so that a tensor of any size needs no memory, and
/// copies are compared range by range. What is permuted is made whole while it is small, and in bands above
/// that; the last results are kept, so that reading it in windows, some at once, makes it once. Threads make
/// different results side by side; at most ``resultsInBeing`` are made or in the making.
final class MappedSource: CheckpointSource {
  let tensors: TensorTable
  private let source: any CheckpointSource
  private let moves: [Move]
  private let origins: NameTable<Origin>
  /// Of the moves that are made in bands, by their positions.
  private let banded: [Int: BandedMove]
  private let recent = RecentResults<Made, [RawTensor]>(limit: MappedSource.resultsInBeing)

  /// Bytes of a move's sources up to which it is made whole, and of a band of a larger one: with what steps
  /// leave on the way, a third of the memory that a conversion may take.
  static let wholeBytes = 24 << 20

  /// Two that are read, as windows that are read at once can lie in two, and one beside them.
  static let resultsInBeing = 3

  /// A result: all targets of a move, or a band of one.
  private enum Made: Hashable {
    case whole(move: Int)
    case band(move: Int, target: Int, start: Int)
  }

  private struct Origin {
    let move: Int
    let target: Int
    /// Bytes of the targets before this one.
    let start: Int
  }

  /// - Parameters:
  ///   - moves: From names of `source` to the names here.
  ///   - carried: Names of `source` that are kept as they are.
  ///   - wholeBytes: Another limit than ``wholeBytes``, for tests.
  /// - Throws: a move whose steps do not fit the shapes.
  init(
    _ source: any CheckpointSource, moves: [Move], carried: [String],
    wholeBytes: Int = MappedSource.wholeBytes
  ) throws {
    var descriptors: [TensorDescriptor] = []
    var origins: NameTable<Origin> = [:]
    var banded: [Int: BandedMove] = [:]
    for (index, move) in moves.enumerated() {
      let sources = move.sources.compactMap { source.tensors[$0] }
      guard sources.count == move.sources.count, let first = sources.first else {
        throw ConversionError.ledger(
          LedgerProblems(missing: move.sources.filter { source.tensors[$0] == nil }))
      }
      for other in sources where other.type != first.type {
        throw ConversionError.typesDiffer(first.name, other.name)
      }
      if first.type.isPacked, move.passage == .whole {
        throw ConversionError.cannotRearrange(first.name, first.type)
      }
      let shapes = try move.targetShapes(sources.map(\.shape.dimensions))
      if move.passage == .whole, sources.reduce(0, { $0 + $1.byteCount }) > wholeBytes {
        banded[index] = try BandedMove(move, sources, memory: wholeBytes)
      }
      var start = 0
      for (target, (name, shape)) in zip(move.targets, shapes).enumerated() {
        let descriptor = try TensorDescriptor(name: name, type: first.type, dimensions: shape)
        descriptors.append(descriptor)
        origins[name] = Origin(move: index, target: target, start: start)
        // Together the targets have no more bytes than the table of sources, unless they repeat one.
        start = move.passage == .concatenation ? start + descriptor.byteCount : 0
      }
    }
    descriptors += carried.compactMap { source.tensors[$0] }
    self.tensors = try TensorTable(descriptors)
    self.source = source
    self.moves = moves
    self.origins = origins
    self.banded = banded
  }

  var location: String { source.location }
  var metadata: NameTable<String> { source.metadata }
  var embeddedConfiguration: ConfigurationDocument? { source.embeddedConfiguration }
  var notes: [String] { source.notes }
  var leftAside: [LeftAside] { source.leftAside }
  var files: [SourceFile] { source.files }

  /// The stored bytes of the tensors it comes from; of a split tensor, its share.
  func storedBytes(of tensor: TensorDescriptor) -> Int {
    guard let origin = origins[tensor.name] else { return source.storedBytes(of: tensor) }
    let sources = moves[origin.move].sources.compactMap { source.tensors[$0] }
    let stored = sources.reduce(0) { $0 + source.storedBytes(of: $1) }
    let logical = sources.reduce(0) { $0 + $1.byteCount }
    guard stored != logical, logical > 0 else { return tensor.byteCount }
    return Int(Double(stored) * Double(tensor.byteCount) / Double(logical))
  }

  func read(
    _ tensor: TensorDescriptor, from offset: Int, into buffer: inout MutableRawSpan
  ) throws {
    guard let origin = origins[tensor.name] else {
      return try source.read(tensor, from: offset, into: &buffer)
    }
    try tensor.requireRange(offset, buffer.byteCount)
    let move = moves[origin.move]
    switch move.passage {
    case .concatenation:
      try readRange(of: move.sources, from: origin.start + offset, into: &buffer)
    case .repeatedSource:
      try source.read(try original(move.sources[0]), from: offset, into: &buffer)
    case .equalSources: try readEqual(move.sources, from: offset, into: &buffer)
    case .whole:
      var filled = 0
      while filled < buffer.byteCount {
        let (start, bytes) = try made(tensor, origin, at: offset + filled)
        let first = offset + filled - start
        let count = min(buffer.byteCount - filled, bytes.count - first)
        unsafe buffer.withUnsafeMutableBytes { target in
          unsafe target[filled..<filled + count].copyBytes(from: bytes[first..<first + count])
        }
        filled += count
      }
    }
  }

  /// A tensor that is a whole one of the source is read as that one is.
  func reading(
    of tensor: TensorDescriptor, _ purpose: ReadingPurpose
  ) throws -> any TensorReading {
    guard let origin = origins[tensor.name] else { return try source.reading(of: tensor, purpose) }
    let move = moves[origin.move]
    let isWhole =
      switch move.passage {
      case .repeatedSource: true
      case .concatenation: move.sources.count == 1 && move.targets.count == 1
      case .equalSources, .whole: false
      }
    guard isWhole else { return MappedReading(tensor: tensor, source: self) }
    let original = try source.reading(of: try original(move.sources[0]), purpose)
    return RenamedReading(original, as: tensor)
  }

  /// Of a tensor that has to be made.
  private struct MappedReading: TensorReading {
    let tensor: TensorDescriptor
    let source: MappedSource

    func read(from offset: Int, into buffer: inout MutableRawSpan) throws {
      try source.read(tensor, from: offset, into: &buffer)
    }
  }

  /// A part of a target that holds byte `offset`, and where the part begins.
  private func made(
    _ tensor: TensorDescriptor, _ origin: Origin, at offset: Int
  ) throws -> (start: Int, [UInt8]) {
    guard let band = banded[origin.move] else {
      let tensors = try recent.value(.whole(move: origin.move)) {
        try moves[origin.move].apply(source)
      }
      return (0, tensors[origin.target].bytes)
    }
    let start = offset / band.bandBytes * band.bandBytes
    let key = Made.band(move: origin.move, target: origin.target, start: start)
    let made = try recent.value(key) {
      let bytes = try band.band(
        from: start, ofTarget: origin.target, byteCount: tensor.byteCount, from: source)
      return [RawTensor(dimensions: [bytes.count], bytes: bytes)]
    }
    return (start, made[0].bytes)
  }
}

extension MappedSource {
  /// A range of the bytes of several tensors, one behind the other.
  private func readRange(
    of names: [String], from offset: Int, into buffer: inout MutableRawSpan
  ) throws {
    var start = 0
    var written = 0
    for name in names {
      let tensor = try original(name)
      let first = max(0, offset + written - start)
      let count = min(buffer.byteCount - written, tensor.byteCount - first)
      if count > 0 {
        var part = buffer._mutatingExtracting(written..<written + count)
        try source.read(tensor, from: first, into: &part)
        written += count
      }
      start += tensor.byteCount
    }
  }

  /// A range of tensors that must be equal.
  /// - Throws: ``ConversionError/copiesDiffer(_:_:)``.
  private func readEqual(
    _ names: [String], from offset: Int, into buffer: inout MutableRawSpan
  ) throws {
    try source.read(try original(names[0]), from: offset, into: &buffer)
    for name in names.dropFirst() {
      let copy = try original(name)
      let bytes = try [UInt8](count: buffer.byteCount) {
        try source.read(copy, from: offset, into: &$0)
      }
      let isEqual = unsafe buffer.withUnsafeMutableBytes { unsafe $0.elementsEqual(bytes) }
      guard isEqual else { throw ConversionError.copiesDiffer(names[0], name) }
    }
  }

  private func original(_ name: String) throws -> TensorDescriptor {
    guard let tensor = source.tensors[name] else {
      throw ConversionError.ledger(LedgerProblems(missing: [name]))
    }
    return tensor
  }
}
