import HymbaCheckpoints
import HymbaFormat

extension OpenedModel {
  /// The name of the attachment that keeps the keys of a GGUF file: a GGUF file without tensors.
  static let ggufKeysFile = "keys.gguf"

  /// The keys of the GGUF file that the model is or came from; nil where it is of another kind.
  /// - Throws: `GGUFError`, and the errors of reading the file or the container.
  var ggufKeys: GGUFKeys? {
    get throws {
      guard let attached else { return try GGUFSource.keys(ofFileAt: location) }
      guard let size = attached.tensors[AttachmentName.file(Self.ggufKeysFile).text],
        size.byteCount <= Limits.attachedFileBytes,
        let bytes = try attached.bytes(of: .file(Self.ggufKeysFile))
      else { return nil }
      return try naming(location) { try GGUFKeys(file: bytes) }
    }
  }

  /// A GGUF file that holds the keys of the model's own file and nothing else; nil for a model of another kind.
  /// - Throws: `GGUFError`, and the errors of reading the file.
  var keysAsGGUF: [UInt8]? {
    get throws {
      guard let keys = try GGUFSource.keys(ofFileAt: location) else { return nil }
      // A set of one file has other numbers, and the alignment is that of the tensors.
      return try GGUFWriter.file(
        of: keys.entries { !$0.hasPrefix("split.") && $0 != "general.alignment" })
    }
  }
}

extension GGUFSource {
  /// The keys of the GGUF file at a path; nil where there is another kind of file.
  fileprivate static func keys(ofFileAt path: String) throws -> GGUFKeys? {
    guard !FileSystem.isDirectory(path), FileSystem.exists(path) else { return nil }
    let file = try InputFile(path)
    let prefix = try file.bytes(at: 0, count: min(8, file.byteCount))
    return isGGUF(prefix: prefix) ? try GGUFSource(path).keys : nil
  }
}
