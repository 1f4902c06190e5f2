import HymbaFormat

/// A path at which there is no file or folder, with advice on what the user may have meant.
struct MissingPath: CustomStringConvertible {
  private let path: String

  init(_ path: String) { self.path = path }

  var description: String {
    path.isEmpty
      ? "the path is empty, as an unset variable leaves it"
      : "no such file or folder" + (advice.map { "; " + $0 } ?? "")
  }

  private var advice: String? {
    inputAdvice ?? encodingAdvice ?? onlineAdvice ?? writingAdvice ?? repositoryAdvice ?? nearbyAdvice
  }

  private var inputAdvice: String? {
    path == StandardInput.path
      ? "a checkpoint is not read from standard input, as its tensors are not read in order: save it and name the file (./- for one that is called so)"
      : nil
  }

  /// Advice for a path that was not UTF-8. Bytes that are not UTF-8 arrive here as U+FFFD, and no file can be
  /// found by that name.
  private var encodingAdvice: String? {
    path.unicodeScalars.contains("\u{FFFD}")
      ? "the path is not UTF-8, and only such names can be opened: rename the file or the folder"
      : nil
  }

  // MARK: What lies elsewhere

  private var onlineAdvice: String? {
    guard let scheme = path.firstRange(of: "://") else { return nil }
    var parts = path[scheme.upperBound...].split(separator: "/").map(String.init)
    let isHub = path.hasPrefix("hf://") || parts.first == "huggingface.co"
    if parts.first == "huggingface.co" { parts.removeFirst() }
    return isHub && parts.count > 1
      ? Self.hubAdvice(parts[0], parts[1])
      : "nothing is downloaded here: download it first, as with curl -LO, and name the file"
  }

  /// Advice for a path such as `nvidia/Hymba-1.5B-Base` where there is no folder `nvidia`.
  private var repositoryAdvice: String? {
    let parts = pathWithoutSlash.split(separator: "/", omittingEmptySubsequences: false)
      .map(String.init)
    guard parts.count == 2, parts.allSatisfy({ part in
      !part.hasPrefix(".") && !part.isEmpty
        && part.utf8.allSatisfy { Self.repositoryCharacters.contains($0) }
    }), !FileSystem.hasEntry(parts[0]), ModelInput(paths: [pathWithoutSlash]).name == parts[1]
    else { return nil }
    return "if this is a repository of Hugging Face: " + Self.hubAdvice(parts[0], parts[1])
  }

  private static let repositoryCharacters = Set(
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.".utf8)

  private static func hubAdvice(_ owner: String, _ name: String) -> String {
    let name = name.printable
    return
      "nothing is downloaded here: run hf download \(owner.printable)/\(name) --local-dir \(name), and name the folder \(name)"
  }

  // MARK: What was written otherwise

  private var writingAdvice: String? {
    if path.hasPrefix("~") {
      return "the shell replaces “~” only outside of quotes: write $HOME or the whole path"
    }
    if path.contains("*") {
      let fits = !FileSystem.paths(fitting: path).isEmpty
      return fits
        ? "it is a pattern that files fit, and here it is not looked for: leave out the quotes, so that the shell names the files"
        : "no file fits this pattern"
    }
    let shorter = pathWithoutSlash
    guard shorter != path, FileSystem.hasEntry(shorter) else { return nil }
    return "“\(FileSystem.name(of: path).printable)” is a file and no folder: leave out the slash"
  }

  private var pathWithoutSlash: String { String(path.reversed().drop { $0 == "/" }.reversed()) }

  // MARK: What lies near

  private var nearbyAdvice: String? {
    let folder = FileSystem.folder(of: path)
    guard FileSystem.isDirectory(folder) else {
      return "there is no folder “\(folder.printable)”"
    }
    guard let entries = try? FileSystem.entries(of: folder),
      let near = FileSystem.name(of: path).nearest(among: entries)
    else { return nil }
    return "did you mean “\(near.printable)”?"
  }
}
