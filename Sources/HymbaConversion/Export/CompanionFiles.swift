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
  private let places: [String]

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
    for name in try FileSystem.entries(of: folder) where Self.isCompanion(name) {
      let path = FileSystem.path(folder, name)
      if FileSystem.isDirectory(path) { continue }
      if Self.isStray(path, places) { strayLinks.append(name) } else { names.append(name) }
    }
    (self.folder, self.places) = (folder, places)
    (self.names, self.strayLinks) = (names, strayLinks)
  }

  /// Whether a file of this name is one that an export copies.
  static func isCompanion(_ name: String) -> Bool { globs.contains { $0.matches(name) } }

  private static func isStray(_ path: String, _ places: [String]) -> Bool {
    guard FileSystem.isLink(path) else { return false }
    let target = FileSystem.realPath(path)
    return !places.contains { target?.hasPrefix($0 + "/") == true }
  }

  /// The path of any file of the folder; nil for one that is not there, that is no file, or that is a stray link.
  func path(of name: String) -> String? {
    let path = FileSystem.path(folder, name)
    let isThere = FileSystem.exists(path) && !FileSystem.isDirectory(path)
    return isThere && !Self.isStray(path, places) ? path : nil
  }

  /// Whether the folder has a tokenizer, be it a file that is copied or a link that is not.
  var hasTokenizer: Bool { Self.hasTokenizer(among: names + strayLinks) }

  static func hasTokenizer(among names: [String]) -> Bool {
    names.contains { ["tokenizer.json", "tokenizer.model", "vocab.json"].contains($0) }
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
        try InputFile.contents(of: path, limit: Limits.attachedFileBytes)
      }
      try target.addUnlessSame(
        name, contents: contents, mode: FileMode(ofFileMadeOf: [path]))
    }
  }
}
