import HymbaFormat

/// The files of a Hugging Face folder beside the weights and `config.json`: the tokenizer, the settings for
/// generating text, and the Python code that a `config.json` names when its model is not part of the library.
/// An export copies them, and nothing here reads them.
struct CompanionFiles {
  /// The names of the files that are copied, sorted.
  let names: [String]
  /// The names of symbolic links that lead out of the folder. They are not copied: through them, a folder from
  /// a stranger could make an export publish any file of its user.
  let strayLinks: [String]
  private let folder: String

  private static let globs = [
    "tokenizer*.json", "tokenizer.model", "special_tokens_map.json", "vocab.json", "merges.txt",
    "added_tokens.json", "generation_config.json", "chat_template*", "configuration_*.py",
    "modeling_*.py", "tokenization_*.py",
  ].map(NameGlob.init)

  /// The folder that was opened, named by its own path or by the path of its index; nil for other sources.
  static func folder(of location: String) -> String? {
    if FileSystem.isDirectory(location) { return location }
    return location.hasSuffix(".index.json") ? FileSystem.folder(of: location) : nil
  }

  /// Finds the companion files of a folder. Symbolic links are followed within the folder and, as in the cache
  /// of Hugging Face, from `snapshots/REVISION` to `blobs`.
  ///
  /// - Throws: ``FormatError`` when the folder cannot be listed.
  init(in folder: String) throws(FormatError) {
    let home = FileSystem.realPath(folder) ?? folder
    var places = [home]
    let snapshots = FileSystem.folder(of: home)
    if FileSystem.name(of: snapshots) == "snapshots" {
      places.append(FileSystem.path(FileSystem.folder(of: snapshots), "blobs"))
    }
    var (names, strayLinks): ([String], [String]) = ([], [])
    for name in try FileSystem.entries(of: folder) {
      guard Self.globs.contains(where: { $0.matches(name) }) else { continue }
      let path = FileSystem.path(folder, name)
      if FileSystem.isDirectory(path) { continue }
      let target = FileSystem.realPath(path)
      if FileSystem.isLink(path), !places.contains(where: { target?.hasPrefix($0 + "/") == true }) {
        strayLinks.append(name)
      } else {
        names.append(name)
      }
    }
    (self.folder, self.names, self.strayLinks) = (folder, names, strayLinks)
  }

  /// Whether the folder has a tokenizer, be it a file that is copied or a link that is not.
  var hasTokenizer: Bool {
    (names + strayLinks).contains { name in
      ["tokenizer.json", "tokenizer.model", "vocab.json"].contains(name)
    }
  }

  /// The names of files in a folder that libraries read together with the weights, or may take as the weights.
  static func neighbours(in folder: String) -> [String] {
    let names = (try? FileSystem.entries(of: folder)) ?? []
    return names.filter { name in (globs + otherGlobs).contains { $0.matches(name) } }
  }

  private static let otherGlobs = [
    "config.json", "build_opts.json", "adapter_config.json", "*processor_config.json",
    "*.index.json", "*.safetensors", "*.bin", "*.pt", "*.pth", "*.h5", "*.msgpack", "*.gguf",
  ].map(NameGlob.init)

  /// Adds the files to an output folder.
  ///
  /// - Throws: ``FormatError`` from reading a file, and the errors of ``OutputFolder``.
  func copy(into target: OutputFolder) throws {
    for name in names {
      let path = FileSystem.path(folder, name)
      let contents = try naming(path) {
        try InputFile.contents(of: path, limit: Limits.companionBytes)
      }
      try target.addUnlessSame(
        name, contents: contents, mode: FileMode(ofFileMadeOf: [path]))
    }
  }
}

extension Limits {
  /// The largest companion file that is copied, in bytes. It is held in memory while it is copied. The largest
  /// tokenizers have 35 MB.
  static let companionBytes = 64 << 20
}
