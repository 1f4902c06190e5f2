/// A checkpoint in several files (shards), seen as one.
public struct ShardedSource: CheckpointSource {
  public let location: String
  public let tensors: TensorTable
  public let metadata: NameTable<String>
  public let notes: [String]
  public let leftAside: [LeftAside]
  public let files: [SourceFile]
  private let shards: [any CheckpointSource]
  private let shardOfTensor: [Int]

  /// - Parameters:
  ///   - location: The path that the user gave: the folder or the index.
  ///   - shards: The files, in the order in which their tensors are listed. When metadata of several shards has
  ///     the same key, the value of the first shard is taken.
  /// - Throws: ``FormatError/duplicateName(_:)`` when two shards hold a tensor of the same name, and
  ///   ``FormatError/invalidShape(_:_:)`` when all tensors together are too large.
  public init(location: String, shards: [any CheckpointSource]) throws(FormatError) {
    self.location = location
    self.shards = shards
    self.tensors = try TensorTable(shards.flatMap { Array($0.tensors) })
    self.shardOfTensor = shards.enumerated().flatMap { position, shard in
      [Int](repeating: position, count: shard.tensors.count)
    }
    self.files = shards.flatMap(\.files)
    self.notes = shards.flatMap { shard in
      shard.notes.map { "\(FileSystem.name(of: shard.location).printable): \($0)" }
    }
    self.leftAside = shards.flatMap(\.leftAside)
    self.metadata = NameTable(shards.flatMap { Array($0.metadata) })
  }

  public func storedBytes(of tensor: TensorDescriptor) -> Int {
    tensors.position(of: tensor.name).map { shards[shardOfTensor[$0]].storedBytes(of: tensor) }
      ?? tensor.byteCount
  }

  public func storedType(of tensor: TensorDescriptor) -> String? {
    tensors.position(of: tensor.name).flatMap { shards[shardOfTensor[$0]].storedType(of: tensor) }
  }

  public func read(
    _ tensor: TensorDescriptor, from offset: Int, into buffer: inout MutableRawSpan
  ) throws {
    guard let position = tensors.position(of: tensor.name) else {
      throw FormatError.noSuchTensor(tensor.name)
    }
    let shard = shards[shardOfTensor[position]]
    try naming(shard.location) { try shard.read(tensor, from: offset, into: &buffer) }
  }

  public func reading(
    of tensor: TensorDescriptor, _ purpose: ReadingPurpose
  ) throws -> any TensorReading {
    guard let position = tensors.position(of: tensor.name) else {
      throw FormatError.noSuchTensor(tensor.name)
    }
    let shard = shards[shardOfTensor[position]]
    return try naming(shard.location) {
      LocatedReading(original: try shard.reading(of: tensor, purpose), location: shard.location)
    }
  }
}

extension ShardedSource {
  /// Opens the shards that `model.safetensors.index.json` or `pytorch_model.bin.index.json` names. Index and
  /// shards must agree: every tensor of the index is in the shard that the index names for it, and no shard
  /// holds other tensors.
  ///
  /// - Parameters:
  ///   - path: The path of the index. The shards are in the same folder.
  ///   - open: Opens the shard at a path.
  /// - Throws: ``FileDiagnosis`` with the index and ``FormatError/indexInvalid(_:)``,
  ///   ``FormatError/shardsMissing(_:)`` or ``FormatError/shardDisagrees(tensor:indexSays:foundIn:)``, or with a
  ///   shard and what `open` throws; ``FormatError/invalidShape(_:_:)`` when all tensors together are too
  ///   large.
  public init(
    index path: String,
    open: (String) throws -> any CheckpointSource = { try SafetensorsSource($0) }
  ) throws {
    let folder = FileSystem.folder(of: path)
    let weightMap = try naming(path) { try ShardIndex(reading: path).weightMap }
    var shards: [any CheckpointSource] = []
    let names = Self.names(in: weightMap)
    let missing = names.filter { !FileSystem.exists(FileSystem.path(folder, $0)) }
    guard missing.isEmpty else { throw FileDiagnosis(path, FormatError.shardsMissing(missing)) }
    for name in names {
      let shardPath = FileSystem.path(folder, name)
      shards.append(try naming(shardPath) { try open(shardPath) })
    }
    try naming(path) { try Self.checkAgreement(weightMap, shards) }
    try self.init(location: path, shards: shards)
  }

  /// The names of the files, sorted, each once.
  private static func names(in weightMap: NameTable<String>) -> [String] {
    Set(weightMap.map { NameKey($0.value) }).map(\.name).sorted { $0.utf8Precedes($1) }
  }

  private static func checkAgreement(
    _ weightMap: NameTable<String>, _ shards: [any CheckpointSource]
  ) throws(FormatError) {
    var found: NameTable<String> = [:]
    for shard in shards {
      let shardName = FileSystem.name(of: shard.location)
      for tensor in shard.tensors {
        guard weightMap[tensor.name].map(NameKey.init) == NameKey(shardName) else {
          throw .shardDisagrees(
            tensor: tensor.name, indexSays: weightMap[tensor.name], foundIn: shardName)
        }
        found[tensor.name] = shardName
      }
    }
    for (tensor, shard) in weightMap.sorted
    where found[tensor] == nil {
      throw .shardDisagrees(tensor: tensor, indexSays: shard, foundIn: nil)
    }
  }
}

/// The index of a sharded checkpoint, such as `model.safetensors.index.json`.
package struct ShardIndex: Sendable {
  /// The name of the file that holds each tensor, by the name of the tensor.
  package let weightMap: NameTable<String>
  /// The bytes of all tensors together as the index says; nil where it does not say.
  package let totalBytes: Int?

  /// - Throws: ``FormatError`` when the file cannot be read, ``FormatError/indexInvalid(_:)`` when it is no
  ///   index.
  package init(reading path: String) throws(FormatError) {
    try self.init(
      parsing: InputFile.contents(of: path, limit: Limits.safetensorsHeaderBytes))
  }

  init(parsing text: [UInt8]) throws(FormatError) {
    guard text.count <= Limits.safetensorsHeaderBytes else {
      throw .cannotRead(
        "it has \(text.count) bytes, and at most \(Limits.safetensorsHeaderBytes) are accepted here")
    }
    var reader = try JSONReader(text)
    var weightMap: NameTable<String>?
    var totalBytes: Int?
    try reader.readObject { reader, key throws(FormatError) in
      if key == "metadata", try reader.peek() == .object {
        return try reader.readObject { reader, name throws(FormatError) in
          let value = try JSONValue(from: &reader)
          guard name == "total_size" else { return }
          // Python writes a total that it counted as a float with a fraction.
          switch value {
          case .integer(let bytes): totalBytes = bytes
          case .number(let bytes): totalBytes = Int(exactly: bytes)
          default: break
          }
        }
      }
      guard key == "weight_map" else { return try reader.skipValue() }
      var map: NameTable<String> = [:]
      try reader.readObject { reader, name throws(FormatError) in
        let file = try reader.readString()
        try Self.requirePlainName(file)
        map[name] = file
      }
      weightMap = map
    }
    try reader.finish()
    guard let weightMap, !weightMap.isEmpty else {
      throw .indexInvalid("it has no “weight_map” with tensors")
    }
    self.weightMap = weightMap
    self.totalBytes = totalBytes
  }

  /// Makes sure that `file` is a plain file name. A shard lies beside its index, but a path could lead to any
  /// file of the machine.
  /// - Throws: ``FormatError/indexInvalid(_:)``.
  static func requirePlainName(_ file: String) throws(FormatError) {
    guard !file.isEmpty, !file.utf8.contains(UInt8(ascii: "/")), file != ".", file != ".." else {
      throw .indexInvalid("it names the file “\(file.printable)”, which is not a plain file name")
    }
  }
}
