import HymbaCheckpoints
import HymbaConversion
import HymbaFormat

/// The files of one set of weights, and what is wrong among them.
struct WeightSet {
  /// The path by which the checkpoint's configuration is found: the folder, or the file.
  private(set) var location: String
  /// The folder that the files lie in.
  let folder: String
  /// Whether the user named the folder, or its index, and so all that belongs to the model.
  let isFolder: Bool
  private(set) var files: [WeightFile] = []
  private(set) var findings: [Finding] = []
  /// The tensors that the index puts into files that are absent or cannot be read.
  private(set) var hiddenTensors: Set<String> = []
  /// The model whose parts the files are; nil for other files, and where they do not fit each other.
  private var parted: ContainerSource?
  /// Whether there are more tensors than the files here have, under unknown names.
  private(set) var isPartial = false

  /// The names of the weights in one format: an index of shards, and the single file.
  private static let formats = [
    (index: "model.safetensors.index.json", single: "model.safetensors"),
    (index: "pytorch_model.bin.index.json", single: "pytorch_model.bin"),
  ]

  /// Looks at a folder, an index, or a file.
  init(_ path: String) {
    if ContainerSource.isInParts(path) {
      let isFolder = FileSystem.isDirectory(path)
      self.init(location: path, folder: isFolder ? path : FileSystem.folder(of: path), isFolder: true)
      readParts(path)
    } else if FileSystem.isDirectory(path) {
      self.init(location: path, folder: path, isFolder: true)
      readFolder()
    } else if path.hasSuffix(".index.json") {
      let folder = FileSystem.folder(of: path)
      self.init(location: folder, folder: folder, isFolder: true)
      read(index: FileSystem.name(of: path), among: entries)
    } else if let first = GGUFSource.firstPart(ofLater: path) {
      self.init(first)
      findings.append(
        Finding(
          .oneShard, .note, FileSystem.name(of: path),
          "is a later file of a set, of which the first one was taken, \(FileSystem.name(of: first)), and so all"))
    } else {
      let folder = FileSystem.folder(of: path)
      let shard = ShardName(FileSystem.name(of: path)).flatMap { $0.family.count > 1 ? $0 : nil }
      self.init(location: shard == nil ? path : folder, folder: folder, isFolder: false)
      files = [WeightFile(path)]
      findings = files[0].findings
      if let shard { readOne(shard) }
    }
  }

  private init(location: String, folder: String, isFolder: Bool) {
    self.location = location
    self.folder = folder
    self.isFolder = isFolder
  }

  /// The names of the entries of the folder, sorted.
  var entries: [String] { (try? FileSystem.entries(of: folder)) ?? [] }

  /// The tensors of all files as one checkpoint; nil where no header can be read.
  /// - Throws: ``FormatError/invalidShape(_:_:)`` when all tensors together are too large.
  func source() throws -> (any CheckpointSource)? {
    if let parted { return parted }
    let sources = files.compactMap(\.source)
    return sources.count < 2 ? sources.first : try HeaderSource(sources, location: location)
  }

  private func path(_ name: String) -> String { FileSystem.path(folder, name) }

  private mutating func open(_ names: [String]) {
    files = names.map { WeightFile(path($0)) }
    findings += files.flatMap(\.findings)
  }

  // MARK: Parts

  /// Opens a model in parts, which names what does not fit itself.
  private mutating func readParts(_ path: String) {
    do {
      let model = try ContainerSource(parts: path)
      open(model.files.map(\.name))
      parted = model
    } catch {
      let name = (error as? FileDiagnosis).map { FileSystem.name(of: $0.location) } ?? FileSystem.name(of: path)
      findings.append(.unreadable(name, (error as? FileDiagnosis)?.cause ?? error))
    }
  }

  // MARK: A folder

  private mutating func readFolder() {
    let entries = entries
    let format = Self.formats.first { format in
      entries.contains(format.index) || entries.contains(format.single)
    }
    let shards = shardFamilies(entries)
    // Shards of safetensors come before a single file of PyTorch, as with an index.
    let hasShards = shards.contains { $0.suffix == ".safetensors" }
    if let format, format.index == Self.formats[0].index || !hasShards {
      if entries.contains(format.index) {
        read(index: format.index, among: entries)
        guard files.isEmpty else { return addRival(format.single, among: entries) }
      }
      if entries.contains(format.single) {
        open([format.single])
        addStray(shards, besides: [])
        return
      }
    }
    if shards.isEmpty, let only = loneFile(entries) {
      location = path(only)
      open([only])
    } else {
      readShards(shards, among: entries)
    }
  }

  /// The only file of the folder whose name is that of a checkpoint of another format; nil where there are
  /// several.
  private func loneFile(_ entries: [String]) -> String? {
    // A split set of GGUF files counts as its first one.
    let files = GGUFSource.withoutLaterParts(entries).filter { name in
      [".hymba", ".nx", ".npz", ".h5", ".hdf5", ".safetensors", ".gguf"].contains { name.hasSuffix($0) }
    }
    return files.count == 1 ? files[0] : nil
  }

  /// The sets of shards of which at least one lies in the folder.
  private func shardFamilies(_ entries: [String]) -> [ShardName.Family] {
    var seen: Set<ShardName.Family> = []
    return entries.compactMap { ShardName($0)?.family }.filter { seen.insert($0).inserted }
  }

  /// Reads shards that no index names.
  private mutating func readShards(_ all: [ShardName.Family], among entries: [String]) {
    let preferred = all.filter { $0.suffix == ".safetensors" }
    let families = preferred.isEmpty ? all : preferred
    guard let family = families.first, families.count == 1 else {
      let reason = (try? SourceOpener.open(folder)) == nil ? openingError : nil
      findings.append(
        Finding(
          .weightsMissing, .error, FileSystem.name(of: folder),
          families.isEmpty
            ? reason ?? "holds no weights"
            : "holds shards of \(families.count) sets without an index that says which belong together"))
      return
    }
    let names = (1...family.count).map(family.path)
    let present = names.filter(entries.contains)
    open(present)
    findings.append(
      Finding(
        .indexMissing, .warning, FileSystem.name(of: family.path(1)),
        "is one of \(family.count) shards without an index, by which other programs find the tensors"))
    addMissing(names.filter { !present.contains($0) }, of: family.count)
  }

  private var openingError: String? {
    do {
      _ = try SourceOpener.open(folder)
      return nil
    } catch { return Audited.sentence(error) }
  }

  private mutating func addMissing(_ names: [String], of count: Int) {
    guard !names.isEmpty else { return }
    isPartial = true
    for name in names {
      findings.append(
        Finding(.shardMissing, .error, name, "is not in the folder, and is one of \(count) shards"))
    }
  }

  // MARK: A shard

  /// Looks at a shard alone: what it has must fit the index and the model, and what it does not have is nothing
  /// that it lacks.
  private mutating func readOne(_ shard: ShardName) {
    isPartial = true
    let name = FileSystem.name(of: files[0].path)
    findings.append(
      Finding(
        .oneShard, .note, name,
        "is shard \(shard.number) of \(shard.family.count): name the folder to have all of the model looked at"
      ))
    let index = name.hasSuffix(".bin") ? Self.formats[1].index : Self.formats[0].index
    guard FileSystem.exists(path(index)), let known = try? ShardIndex(reading: path(index)),
      known.weightMap.contains(where: { $0.value == name })
    else { return }
    findings += IndexAudit(known, named: index, files).findings
  }

  // MARK: An index

  private mutating func read(index name: String, among entries: [String]) {
    let index: ShardIndex
    do {
      index = try ShardIndex(reading: path(name))
    } catch {
      findings.append(Finding(.index, .error, name, Audited.sentence(error)))
      return
    }
    let named = Set(index.weightMap.map(\.value)).sorted { $0.utf8Precedes($1) }
    open(named.filter { FileSystem.exists(path($0)) })
    let readable = Set(files.filter { $0.source != nil }.map(\.name))
    for (tensor, file) in index.weightMap where !readable.contains(file) {
      hiddenTensors.insert(tensor)
    }
    for file in named where !FileSystem.exists(path(file)) {
      let count = index.weightMap.count { $0.value == file }
      findings.append(
        Finding(
          .shardMissing, .error, file,
          "is not there, and \(name) puts \(counted(count, "tensor")) into it"))
    }
    findings += IndexAudit(index, named: name, files).findings
    addUnnamed(among: entries, by: name, naming: named)
  }

  /// Adds findings for shards that lie beside those that the index names.
  private mutating func addUnnamed(
    among entries: [String], by index: String, naming named: [String]
  ) {
    let families = Set(named.compactMap { ShardName($0)?.family })
    for name in entries where !named.contains(name) {
      guard let shard = ShardName(name), families.contains(shard.family) else { continue }
      findings.append(
        Finding(
          .shardUnnamed, .error, name,
          "is one of \(shard.family.count) shards, and \(index) puts no tensor into it"))
    }
    let suffixes = Set(named.compactMap { ShardName($0)?.family.suffix })
    addStray(
      shardFamilies(entries).filter { suffixes.contains($0.suffix) }, besides: families)
  }

  /// Adds findings for shards of other sets than the one that is taken.
  private mutating func addStray(
    _ all: [ShardName.Family], besides families: Set<ShardName.Family>
  ) {
    let entries = entries
    for family in all where !families.contains(family) {
      let names = (1...family.count).map(family.path).filter(entries.contains)
      guard let first = names.first else { continue }
      findings.append(
        Finding(
          .staleShard, .warning, first,
          names.count == 1
            ? "belongs to another set of \(family.count) shards that nothing names, as an earlier save leaves it"
            : "and \(names.count - 1) more of \(family.count) shards belong to a set that nothing names, as an earlier save leaves it"
        ))
    }
  }

  /// Adds a finding for a single file beside an index of shards, unless the index names it.
  private mutating func addRival(_ single: String, among entries: [String]) {
    guard entries.contains(single), !files.contains(where: { $0.name == single }) else { return }
    let rival = WeightFile(path(single))
    let own = Set(files.flatMap(\.tensors).map { NameKey($0.name) })
    let state: String
    if let source = rival.source {
      state =
        Set(source.tensors.map { NameKey($0.name) }) == own
        ? "its tensors have the same names" : "it has other tensors"
    } else {
      state = "it cannot be read"
    }
    findings.append(
      Finding(
        .secondSet, .warning, single,
        "lies beside an index of shards, and \(state): transformers takes this file, vLLM the shards"
      ))
    findings += rival.findings
  }
}
