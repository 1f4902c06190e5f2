#if HDF5
extension ShardedSource {
  /// Opens the weights that Keras 3 saved in several files, by their index `model.weights.json`. Index and
  /// files must agree: each group of the index is in the files that the index names for it, and no file holds
  /// other groups.
  ///
  /// - Throws: ``FileDiagnosis`` with the file and a ``FormatError``; ``FormatError/duplicateName(_:)``.
  public init(kerasIndex path: String) throws {
    let groups = try naming(path) { try KerasIndex(reading: path).groups }
    var shards: [HDF5Source] = []
    let folder = FileSystem.folder(of: path)
    let missing = groups.sorted.map(\.key).filter { !FileSystem.exists(FileSystem.path(folder, $0)) }
    guard missing.isEmpty else { throw FileDiagnosis(path, FormatError.shardsMissing(missing)) }
    for (name, groups) in groups.sorted {
      let shardPath = FileSystem.path(folder, name)
      let shard = try naming(shardPath) { try HDF5Source(shardPath, isShard: true) }
      try naming(path) { try KerasIndex.check(groups, shard, name) }
      shards.append(shard)
    }
    guard shards.contains(where: { !$0.tensors.isEmpty }) else {
      throw FileDiagnosis(path, FormatError.hdf5(.noTensors))
    }
    try self.init(location: path, shards: shards)
  }
}

/// The index `model.weights.json`:
/// `{"metadata": …, "weight_map": {"/layers/dense/vars": ["model_00000.weights.h5"], …}}`.
private struct KerasIndex {
  /// The paths of the groups in each file, by the name of the file.
  private(set) var groups: NameTable<Set<NameKey>> = [:]

  init(reading path: String) throws(FormatError) {
    var reader = try JSONReader(InputFile.contents(of: path, limit: Limits.safetensorsHeaderBytes))
    var groups: NameTable<Set<NameKey>> = [:]
    try reader.readObject { reader, key throws(FormatError) in
      guard key == "weight_map" else { return try reader.skipValue() }
      try reader.readObject { reader, group throws(FormatError) in
        let path = group.utf8.first == UInt8(ascii: "/") ? group : "/" + group
        // The value is one file, or a list of files over which the group is spread.
        if try reader.peek() == .string {
          groups[try Self.file(&reader), default: []].insert(NameKey(path))
        } else {
          try reader.readArray { reader throws(FormatError) in
            groups[try Self.file(&reader), default: []].insert(NameKey(path))
          }
        }
      }
    }
    try reader.finish()
    guard !groups.isEmpty else {
      throw .indexInvalid("it has no “weight_map” with groups")
    }
    self.groups = groups
  }

  private static func file(_ reader: inout JSONReader) throws(FormatError) -> String {
    let file = try reader.readString()
    try ShardIndex.requirePlainName(file)
    return file
  }

  static func check(
    _ groups: Set<NameKey>, _ shard: HDF5Source, _ name: String
  ) throws(FormatError) {
    var missing = groups
    for tensor in shard.entries {
      let found = around(tensor.path).intersection(groups)
      guard !found.isEmpty else {
        throw .shardDisagrees(tensor: tensor.path, indexSays: nil, foundIn: name)
      }
      missing.subtract(found)
    }
    for other in shard.leftAside.flatMap(\.names) { missing.subtract(around(other)) }
    if let group = missing.map(\.name).min(by: { $0.utf8Precedes($1) }) {
      throw .shardDisagrees(tensor: group, indexSays: name, foundIn: nil)
    }
  }

  /// The groups around the dataset at `path`. The root is written as `/`.
  private static func around(_ path: String) -> Set<NameKey> {
    let ends = path.utf8.indices.filter { path.utf8[$0] == UInt8(ascii: "/") }
    return Set([NameKey("/")] + ends.dropFirst().map { NameKey(String(path[..<$0])) })
  }
}
#endif
