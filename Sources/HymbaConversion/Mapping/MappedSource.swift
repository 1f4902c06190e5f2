import HymbaFormat
import Synchronization

/// A checkpoint seen under other names: each tensor is read by its move.
///
/// Where bytes keep their order, ranges of them pass through, so that a tensor of any size needs no memory, and
/// copies are compared range by range. What is permuted is made whole; the last such result is kept, so that
/// reading it in windows makes it once.
final class MappedSource: CheckpointSource {
  let tensors: TensorTable
  private let source: any CheckpointSource
  private let moves: [Move]
  private let origins: [String: Origin]
  private let lastResult = Mutex<(move: Int, tensors: [RawTensor])?>(nil)

  private struct Origin {
    let move: Int
    let target: Int
    /// Bytes of the targets before this one.
    let start: Int
  }

  /// - Parameters:
  ///   - moves: From names of `source` to the names here.
  ///   - carried: Names of `source` that are kept as they are.
  /// - Throws: a move whose steps do not fit the shapes.
  init(_ source: any CheckpointSource, moves: [Move], carried: [String]) throws {
    var descriptors: [TensorDescriptor] = []
    var origins: [String: Origin] = [:]
    for (index, move) in moves.enumerated() {
      let sources = move.sources.compactMap { source.tensors[$0] }
      guard sources.count == move.sources.count, let first = sources.first else {
        throw ConversionError.ledger(
          LedgerProblems(missing: move.sources.filter { source.tensors[$0] == nil }))
      }
      for other in sources where other.type != first.type {
        throw ConversionError.typesDiffer(first.name, other.name)
      }
      let shapes = try move.targetShapes(sources.map(\.shape.dimensions))
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
  }

  var location: String { source.location }
  var metadata: [String: String] { source.metadata }
  var embeddedConfiguration: ConfigurationDocument? { source.embeddedConfiguration }
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
      let bytes = try lastResult.withLock { last in
        if last?.move != origin.move {
          // The old result goes first: both would be twice the memory.
          last = nil
          last = (origin.move, try move.apply(source))
        }
        return last?.tensors[origin.target].bytes ?? []
      }
      let count = buffer.byteCount
      unsafe buffer.withUnsafeMutableBytes { target in
        unsafe target.copyBytes(from: bytes[offset..<offset + count])
      }
    }
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
