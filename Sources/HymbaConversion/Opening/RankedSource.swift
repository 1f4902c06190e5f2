import HymbaFormat
import HymbaModel

/// A checkpoint with leading axes of length 1 where a layout expects them, or without them where it does not.
///
/// GGUF does not tell [1, 64] from [64]: a reader fills up to four axes with ones, and llama.cpp's own writers
/// leave them out.
struct RankedSource: DerivedSource {
  let tensors: TensorTable
  let source: any CheckpointSource

  /// The checkpoint with the shapes that the moves need of it. A tensor of another shape stays as it is.
  /// - Returns: `source` itself where no shape differs in leading ones alone.
  static func adjusting(
    _ source: any CheckpointSource, to moves: [Move], _ inventory: ParameterInventory
  ) throws -> any CheckpointSource {
    var shapes: [String: [Int]] = [:]
    for move in moves {
      let expected = move.targets.compactMap { inventory[$0]?.shape.dimensions }
      guard let needed = try? move.inverse.targetShapes(expected) else { continue }
      for (name, shape) in zip(move.sources, needed) {
        guard let found = source.tensors[name]?.shape.dimensions, found != shape,
          found.drop(while: { $0 == 1 }) == shape.drop(while: { $0 == 1 })
        else { continue }
        shapes[name] = shape
      }
    }
    return shapes.isEmpty ? source : try RankedSource(source, shapes)
  }

  private init(_ source: any CheckpointSource, _ shapes: [String: [Int]]) throws {
    self.tensors = try TensorTable(
      source.tensors.map { tensor in
        guard let shape = shapes[tensor.name] else { return tensor }
        return try TensorDescriptor(name: tensor.name, type: tensor.type, dimensions: shape)
      })
    self.source = source
  }

  func read(
    _ tensor: TensorDescriptor, from offset: Int, into buffer: inout MutableRawSpan
  ) throws {
    try source.read(original(tensor), from: offset, into: &buffer)
  }

  func reading(
    of tensor: TensorDescriptor, _ purpose: ReadingPurpose
  ) throws -> any TensorReading {
    RenamedReading(try source.reading(of: original(tensor), purpose), as: tensor)
  }
}
