import HymbaFormat

/// The weights that a folder means, where it may hold several sets of them.
struct WeightsFolder {
  private let path: String

  /// An index of shards, and the single file that holds all weights, of one format.
  private struct Format {
    let index: String
    let single: String
    /// Of its shards.
    let suffix: String
    /// Who else takes the index's shards where both are there.
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

  /// In the order in which they are taken; other files are not weights.
  static let names = formats.flatMap { [$0.index, $0.single] }

  init(_ path: String) { self.path = path }

  /// Opens the first of ``names`` that is there. Where files of it are missing, the next that is whole is taken,
  /// with a note; so are all shards of a set without an index. A note says which of two sets was taken. Where the
  /// first is damaged, the error names the next that is whole: to go on with other weights is for the user to say.
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

  /// What is said of a second set of weights of the same format; one of another format is a usual thing.
  private func rivals(of taken: String, among present: [String]) -> [String] {
    guard let format = Self.formats.first(where: { [$0.index, $0.single].contains(taken) })
    else { return [] }
    if taken == format.single {
      let entries = (try? FileSystem.entries(of: path)) ?? []
      // Shards of safetensors are not usual beside another format's single file: without their index, nobody reads
      // them.
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

  /// How the single file's tensors differ from those of the index, as far as that is seen without reading them.
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

  /// Sets of shards of which at least one is there, in the order of their names.
  private static func shardSets(_ entries: [String]) -> [ShardName.Family] {
    var seen: Set<ShardName.Family> = []
    return entries.compactMap { ShardName($0)?.family }.filter { seen.insert($0).inserted }
  }

  private func openShards() throws -> any CheckpointSource {
    let entries = try naming(path) { () throws(FormatError) in try FileSystem.entries(of: path) }
    var sets = Self.shardSets(entries)
    // Of both formats, safetensors is taken, as where there is an index.
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
          "\(set.count - missing.count) of \(set.count) shards are in the folder; \(missing[0].printable) is missing"
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
