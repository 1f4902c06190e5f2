import HymbaFormat

/// A checkpoint under other names and shapes. Each tensor is read by its move.
///
/// Where a move keeps the order of bytes, ranges of them pass through: a tensor of any size needs no further
/// memory, and copies are compared range by range. A move that permutes elements is made whole while its
/// tensors are small, and in bands above that.
///
/// The last results are kept, so that a result that is read in several windows is made once. Threads make
/// different results side by side. At most ``resultsInBeing`` results are kept or in the making.
final class MappedSource: DerivedSource {
  let tensors: TensorTable
  let source: any CheckpointSource
  private let moves: [Move]
  private let origins: NameTable<Origin>
  /// The moves that are made in bands, by their positions in `moves`.
  private let banded: [Int: BandedMove]
  private let recent = RecentResults<Made, [RawTensor]>(limit: MappedSource.resultsInBeing)

  /// The largest sources of a move that is made whole, and the largest band of a larger one, in bytes. With the
  /// intermediate results of its steps, this is a third of the memory that a conversion may take.
  static let wholeBytes = 24 << 20

  /// The largest number of results at once: two that are read, as windows that are read at once can lie in two,
  /// and one more.
  static let resultsInBeing = 3

  /// The key of a result: all targets of a move, or a band of one target.
  private enum Made: Hashable {
    case whole(move: Int)
    case band(move: Int, target: Int, start: Int)
  }

  /// The origin of a tensor: the position of its move, and its own position among the move's targets.
  private struct Origin {
    let move: Int
    let target: Int
    /// The total bytes of the targets before this one; 0 unless the move is a concatenation.
    let start: Int
  }

  /// - Parameters:
  ///   - moves: The moves from names of `source` to the names here.
  ///   - carried: The names of tensors of `source` that keep their names.
  ///   - wholeBytes: A limit in place of ``wholeBytes``, for tests.
  /// - Throws: ``ConversionError/ledger(_:)`` for a source tensor that is absent,
  ///   ``ConversionError/typesDiffer(_:_:)``, ``ConversionError/cannotRearrange(_:_:)``,
  ///   ``ConversionError/stepMismatch(tensor:step:found:expected:)`` and ``ConversionError/layoutInvalid(_:)``
  ///   for steps that do not fit the tensors.
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
        // The sum cannot overflow: only repeated targets can have more bytes together than the sources, and
        // they are not summed.
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

  /// The stored bytes of the tensors that a tensor is made from. A split tensor counts its share.
  func storedBytes(of tensor: TensorDescriptor) -> Int {
    guard let origin = origins[tensor.name] else { return source.storedBytes(of: tensor) }
    let sources = moves[origin.move].sources.compactMap { source.tensors[$0] }
    let stored = sources.reduce(0) { $0 + source.storedBytes(of: $1) }
    let logical = sources.reduce(0) { $0 + $1.byteCount }
    guard stored != logical, logical > 0 else { return tensor.byteCount }
    return Int(Double(stored) * Double(tensor.byteCount) / Double(logical))
  }

  /// The stored type of the tensors that a tensor is made from; nil where they differ.
  func storedType(of tensor: TensorDescriptor) -> String? {
    guard let origin = origins[tensor.name] else { return source.storedType(of: tensor) }
    let types = moves[origin.move].sources.map { name in
      source.tensors[name].flatMap(source.storedType)
    }
    return types.allSatisfy { $0 == types.first } ? types.first ?? nil : nil
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

  /// The reading of a tensor. A tensor that is one whole tensor of the source is read as that one is.
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

  /// The reading of a tensor that has to be made.
  private struct MappedReading: TensorReading {
    let tensor: TensorDescriptor
    let source: MappedSource

    func read(from offset: Int, into buffer: inout MutableRawSpan) throws {
      try source.read(tensor, from: offset, into: &buffer)
    }
  }

  /// The part of a target that holds byte `offset`, with the offset of the part's first byte.
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
  /// Reads a range of the bytes of several tensors that follow one another.
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

  /// Reads a range of several tensors that must be equal.
  ///
  /// - Throws: ``ConversionError/copiesDiffer(_:_:)``, and what the source throws.
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
