import HymbaFormat

/// Recognises files of kinds that are not supported, with advice on what to do.
enum ForeignFile {
  /// The number of bytes at the beginning of a file that are enough to recognise it.
  static let prefixBytes = 512

  /// A phrase for the kind of a file, by its first bytes or else by the end of its name; nil where the kind is
  /// not known.
  static func kind(prefix: [UInt8], path: String) -> String? {
    for (magic, kind) in magics where prefix.starts(with: magic) { return kind }
    // The magic of a tar archive stands at byte 257, after the name of its first file.
    if prefix.dropFirst(257).starts(with: Array("ustar".utf8)) {
      return
        "a tar archive: unpack it and name the checkpoint in it, as of NeMo; one of PyTorch before 0.2 save again in Python, with torch.save(torch.load(FILE, map_location='cpu', weights_only=False), NEW)"
    }
    for (suffix, kind) in suffixes where path.hasSuffix(suffix) { return kind }
    return nil
  }

  private static let magics: [([UInt8], String)] = [
    (Array("lmgg".utf8), "a GGML file; convert the checkpoint that it was made from"),
    (Array("tjgg".utf8), "a GGML file; convert the checkpoint that it was made from"),
    (
      Array("version https://git-lfs".utf8),
      "a Git LFS pointer and not the file that it stands for; fetch that with git lfs pull"
    ),
    ([0x1F, 0x8B], "compressed with gzip; unpack it first"),
    ([0x28, 0xB5, 0x2F, 0xFD], "compressed with zstd; unpack it first"),
    ([0xFD] + Array("7zXZ".utf8), "compressed with xz; unpack it first"),
    (Array("BZh".utf8), "compressed with bzip2; unpack it first"),
    (Array("7z".utf8) + [0xBC, 0xAF], "a 7-Zip archive; unpack it first"),
  ]

  private static let suffixes: [(String, String)] = [
    (".onnx", "an ONNX program, not a checkpoint; convert the checkpoint that it was made from"),
    (
      ".msgpack",
      "a Flax checkpoint, which is not supported; save its arrays with numpy.savez or as safetensors"
    ),
  ]
}
