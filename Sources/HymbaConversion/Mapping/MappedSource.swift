import HymbaFormat
import Synchronization

/// A checkpoint seen under other names: each tensor is read by its move.
///
/// Renamed tensors pass through range by range. What is permuted, joined or split is made whole; the last
/// such result is kept, so that reading it in windows makes it once.
final class MappedSource: CheckpointSource {
  let tensors: TensorTable
  private let source: any CheckpointSource
  private let moves: [Move]
  private let origins: [String: Origin]
  private let lastResult = Mutex<(move: Int, tensors: [RawTensor])?>(nil)

  private struct Origin { let move: Int, target: Int }

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
      for (target, (name, shape)) in zip(move.targets, shapes).enumerated() {
        descriptors.append(try TensorDescriptor(name: name, type: first.type, dimensions: shape))
        origins[name] = Origin(move: index, target: target)
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
    if move.isRename, let original = source.tensors[move.sources[0]] {
      return try source.read(original, from: offset, into: &buffer)
    }
    let bytes = try lastResult.withLock { last in
      if last?.move != origin.move { last = (origin.move, try move.apply(source)) }
      return last?.tensors[origin.target].bytes ?? []
    }
    let count = buffer.byteCount
    unsafe buffer.withUnsafeMutableBytes { target in
      unsafe target.copyBytes(from: bytes[offset..<offset + count])
    }
  }
}
