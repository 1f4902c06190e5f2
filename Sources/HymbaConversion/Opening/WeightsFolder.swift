import HymbaFormat

/// The choice of the weights in a folder, which may hold several sets of them.
struct WeightsFolder {
  private let path: String

  /// The names that weights of one format have: an index of shards, or a single file with all weights.
  private struct Format {
    let index: String
    let single: String
    /// The end of the names of the shards.
    let suffix: String
    /// Words for a message: another program that takes the shards where the single file is there too; may be
    /// empty.
    let alike: String
  }

  private static let formats = [
    Format(
      index: "model.safetensors.index.json", single: "model.safetensors",
      suffix: ".safetensors", alike: ", as vLLM takes them"),
    Format(
      index: "pytorch_model.bin.index.json", single: "pytorch_model.bin", suffix: ".bin",
      alike: ""),
  ]

  /// The names of files with weights, in the order in which they are tried. Other files do not count. A model in parts
  /// is found before.
  static let names = formats.flatMap { [$0.index, $0.single] }

  init(_ path: String) { self.path = path }

  /// Opens the first of ``names`` that is in the folder.
  ///
  /// Where files of it are missing, the next one that opens is taken, with a note. Where it is damaged, the
  /// error names the next one that opens, as the user must decide to go on with other weights. Where the folder
  /// has none of ``names``, but all shards of one set without an index, they are taken, with a note. Another
  /// note says which of two sets was taken.
  /// - Throws: `FileDiagnosis` with the path of the folder or of a file in it.
  func open() throws -> any CheckpointSource {
    try naming(path) { try FileSystem.requireSearchable(path) }
    let present = Self.names.filter { FileSystem.hasEntry(file($0)) }
    guard let first = present.first else { return try openShards() }
    do {
      let source = try SourceOpener.open(file(first))
      return NotedSource.adding(rivals(of: first, among: present), to: source)
    } catch let error as FileDiagnosis {
      for name in present.dropFirst() {
        guard let source = try? SourceOpener.open(file(name)) else { continue }
        if error.kind == .noInput {
          return NotedSource.adding(
            ["\(name) is taken, as \(first) cannot be: \(error.cause)"], to: source)
        }
        try noting(["the folder also holds \(name), which opens: name that file to take it"]) {
          throw error
        }
      }
      throw error
    }
  }

  private func file(_ name: String) -> String { FileSystem.path(path, name) }

  // MARK: Two sets of weights

  /// Notes about a second set of weights beside the one that is taken. A second set in another format is usual,
  /// and gives no note.
  private func rivals(of taken: String, among present: [String]) -> [String] {
    guard let format = Self.formats.first(where: { [$0.index, $0.single].contains(taken) })
    else { return [] }
    if taken == format.single {
      let entries = (try? FileSystem.entries(of: path)) ?? []
      // Shards of safetensors without an index are not usual, even beside a single file of another format: no
      // program reads them.
      let suffixes = [format.suffix, Self.formats[0].suffix]
      return Self.shardSets(entries).filter { suffixes.contains($0.suffix) }.map { shards in
        "two sets of weights are in the folder: \(taken), which is taken, and \(shards.path(1)) and further shards without an index, which are not"
      }
    }
    guard present.contains(format.single),
      let shards = try? ShardIndex(reading: file(taken)).weightMap.sorted,
      !shards.contains(where: { $0.value == format.single })
    else { return [] }
    return [
      "two sets of weights are in the folder, and the shards of \(taken) are taken\(format.alike); transformers takes \(format.single), \(state(of: format.single, Set(shards.map { NameKey($0.key) }))); name the one that you mean"
    ]
  }

  /// A clause that says how the tensors of the single file differ from those of the index. Their data are not
  /// read.
  /// - Parameter names: The names of the tensors in the index.
  private func state(of single: String, _ names: Set<NameKey>) -> String {
    do {
      let others = Set(try SourceOpener.open(file(single)).tensors.map { NameKey($0.name) })
      return others == names
        ? "whose tensors have the same names and were not compared" : "which has other tensors"
    } catch {
      return "which cannot be read (\((error as? FileDiagnosis)?.cause.description ?? "\(error)"))"
    }
  }

  // MARK: Shards without an index

  /// The sets of shards of which at least one shard is in the folder, in the order of their names.
  private static func shardSets(_ entries: [String]) -> [ShardName.Family] {
    var seen: Set<ShardName.Family> = []
    return entries.compactMap { ShardName($0)?.family }.filter { seen.insert($0).inserted }
  }

  private func openShards() throws -> any CheckpointSource {
    let entries = try naming(path) { () throws(FormatError) in try FileSystem.entries(of: path) }
    var sets = Self.shardSets(entries)
    // Where there are sets of both formats, safetensors is taken, as with an index.
    let preferred = sets.filter { $0.suffix == Self.formats[0].suffix }
    if !preferred.isEmpty { sets = preferred }
    guard let set = sets.first, sets.count == 1 else {
      throw FileDiagnosis(
        path, FolderContents(path, entries).failure(expecting: Self.names))
    }
    return try naming(path) {
      let names = (1...set.count).map(set.path)
      let missing = names.filter { !FileSystem.hasEntry(file($0)) }
      guard missing.isEmpty else {
        throw ConversionError.noInput(
          "\(set.count - missing.count) of \(set.count) shards are in the folder; \(listed(missing)) \(missing.count == 1 ? "is" : "are") missing"
        )
      }
      let shards = try names.map { try SourceOpener.open(file($0)) }
      return NotedSource.adding(
        [
          "there is no index: all \(set.count) shards \(set.path(1).printable) to \(set.path(set.count).printable) are taken"
        ], to: try ShardedSource(location: path, shards: shards))
    }
  }
}
