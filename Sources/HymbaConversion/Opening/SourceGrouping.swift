import HymbaCheckpoints
public import HymbaFormat

/// The files of one model, among those that a user named.
public struct ModelInput: Hashable, Sendable {
  /// One path, or the paths of all shards of the model in order. It must not be empty.
  public var paths: [String]
  /// The path of the base, for a container that holds differences from it; nil to look for it beside the container.
  public var base: String?

  /// - Parameters:
  ///   - paths: One path, or those of all shards.
  ///   - base: The path of the base of a container that is relative to one; nil to look for it beside the container.
  public init(paths: [String], base: String? = nil) {
    self.paths = paths
    self.base = base
  }

  /// The name of the model: the name of the file without its ending, the name of the folder, or the common
  /// beginning of the names of the shards.
  public var name: String {
    let first = paths[0]
    if paths.count > 1, let shard = ShardName(first) { return FileSystem.name(of: shard.stem) }
    let name = FileSystem.name(of: first)
    if name == "." || name == ".." { return "model" }
    if let model = HubCache.modelName(first) { return model }
    for suffix in [
      ".safetensors.index.json", ".bin.index.json", ".hymba.index.json", ".safetensors", ".hymba", ".nx", ".bin", ".pt",
      ".pth", ".npz", ".npy", ".weights.h5", ".weights.json", ".h5", ".hdf5", ".gguf",
    ]
    where name.hasSuffix(suffix) && name.count > suffix.count {
      return String(name.dropLast(suffix.count))
    }
    return name
  }

  /// The same input with the path of the snapshot in place of a folder in the cache of Hugging Face. The
  /// configuration and the tokenizer lie in the snapshot.
  /// - Throws: The errors of ``HubCache/resolve(_:)``.
  package func located() throws -> ModelInput {
    guard paths.count == 1 else { return self }
    return ModelInput(paths: [try HubCache.resolve(paths[0])], base: base)
  }

  /// Opens the file, the folder, or all shards as one source.
  /// - Throws: `FileDiagnosis` with the path, and with `FormatError`, ``ConversionError`` or an error of the
  ///   reader of the file.
  public func open() throws -> any CheckpointSource {
    guard let base else { return try openBesideBase() }
    let source = try openBesideBase()
    return try naming(source.location) {
      guard let container = source as? ContainerSource else { throw FormatError.base(.notRelative) }
      return try container.relative(to: base)
    }
  }

  /// Opens the files. The base of a container that is relative to one is looked for beside it.
  private func openBesideBase() throws -> any CheckpointSource {
    guard paths.count > 1 else { return try SourceOpener.open(HubCache.resolve(paths[0])) }
    let shards = try paths.map { try SourceOpener.open($0) }
    let location = FileSystem.folder(of: paths[0])
    return try naming(location) { try ShardedSource(location: location, shards: shards) }
  }

  /// Groups the paths that a user named into models. Files named `STEM-00001-of-00004.safetensors` (or `.bin`)
  /// with the same stem are the shards of one model. Every other path is a model of its own, and so is a single
  /// path.
  /// - Throws: `FileDiagnosis` with ``ConversionError/unsupported(_:)`` where shards of a model are missing
  ///   among the paths, or are given twice.
  public static func group(_ paths: [String]) throws -> [ModelInput] {
    let inputs = try gathered(paths)
    guard paths.count > 1 else { return inputs }
    for input in inputs {
      guard let family = ShardName(input.paths[0])?.family else { continue }
      let given = Set(input.paths.map(FileSystem.name(of:)))
      let missing = (1...family.count).map { FileSystem.name(of: family.path($0)) }.filter { !given.contains($0) }
      guard missing.isEmpty else {
        throw FileDiagnosis(
          FileSystem.folder(of: family.stem),
          ConversionError.unsupported(
            "\(listed(missing)) \(missing.count == 1 ? "is" : "are") not among the \(given.count) of \(family.count) shards given")
        )
      }
    }
    return inputs
  }

  /// The same groups as ``group(_:)`` makes, also where shards of a model are missing among the paths.
  /// - Throws: `FileDiagnosis` with ``ConversionError/unsupported(_:)`` for a shard that is given twice.
  package static func gathered(_ paths: [String]) throws -> [ModelInput] {
    // The first part of a split GGUF file opens all of them.
    let paths = GGUFSource.withoutLaterParts(paths)
    var inputs: [ModelInput] = []
    var positions: [ShardName.Family: Int] = [:]
    guard paths.count > 1 else { return paths.map { ModelInput(paths: [$0]) } }
    for path in paths {
      guard let shard = ShardName(path) else {
        inputs.append(ModelInput(paths: [path]))
        continue
      }
      if let position = positions[shard.family] {
        inputs[position].paths.append(path)
      } else {
        positions[shard.family] = inputs.count
        inputs.append(ModelInput(paths: [path]))
      }
    }
    for (family, position) in positions.sorted(by: { $0.value < $1.value }) {
      inputs[position].paths.sort { $0.utf8Precedes($1) }
      let names = inputs[position].paths.map(FileSystem.name(of:))
      let given = Set(names)
      if given.count < names.count,
        let twice = zip(names, names.dropFirst()).first(where: { $0 == $1 })
      {
        throw FileDiagnosis(
          FileSystem.folder(of: family.stem),
          ConversionError.unsupported("the shard “\(twice.0.printable)” is given twice"))
      }
    }
    return inputs
  }
}
