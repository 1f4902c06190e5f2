/// Writes a checkpoint into a folder as Hugging Face's libraries do: `model.safetensors`, or shards
/// `model-00001-of-00003.safetensors` with `model.safetensors.index.json`.
package struct ShardedWriter {
  /// The tensors of each file, in the order of the files.
  package let shards: [[TensorDescriptor]]
  let source: any CheckpointSource
  let metadata: NameTable<String>

  package static let fileName = "model.safetensors"
  package static let indexName = "model.safetensors.index.json"

  /// Divides the tensors into shards, in the order of their names. A tensor that no longer fits begins the next
  /// shard. A tensor that is larger than a shard gets its own.
  ///
  /// - Parameters:
  ///   - shardBytes: The most bytes of tensor data in a file; nil for one file.
  ///   - metadata: The metadata of each file.
  /// - Throws: ``FormatError/tooManyShards(_:limit:)``.
  package init(
    _ source: any CheckpointSource, shardBytes: Int?, metadata: NameTable<String>
  ) throws(FormatError) {
    let tensors = source.tensors.sorted { $0.name.utf8Precedes($1.name) }
    let shards = shardBytes.map { Self.divide(tensors, $0) } ?? [tensors]
    guard shards.count <= Limits.shards else {
      throw .tooManyShards(shards.count, limit: Limits.shards)
    }
    self.shards = shards
    self.source = source
    self.metadata = metadata
  }

  private static func divide(
    _ tensors: [TensorDescriptor], _ shardBytes: Int
  ) -> [[TensorDescriptor]] {
    var shards: [[TensorDescriptor]] = []
    var shard: [TensorDescriptor] = []
    var bytes = 0
    for tensor in tensors {
      if tensor.byteCount > shardBytes {
        shards.append([tensor])
        continue
      }
      if tensor.byteCount > shardBytes - bytes {
        shards.append(shard)
        (shard, bytes) = ([], 0)
      }
      shard.append(tensor)
      bytes += tensor.byteCount
    }
    return shard.isEmpty && !shards.isEmpty ? shards : shards + [shard]
  }

  /// The names of the files with tensors, in the order of ``shards``.
  package var fileNames: [String] {
    guard shards.count > 1 else { return [Self.fileName] }
    return shards.indices.map {
      "model-\(Self.digits($0 + 1))-of-\(Self.digits(shards.count)).safetensors"
    }
  }

  /// The name of the index; empty when there is only one file.
  package var indexNames: [String] { shards.count > 1 ? [Self.indexName] : [] }

  private static func digits(_ number: Int) -> String {
    let text = String(number)
    return String(repeating: "0", count: max(0, 5 - text.count)) + text
  }
}
