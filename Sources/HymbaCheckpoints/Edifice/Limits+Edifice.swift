import HymbaFormat

extension Limits {
  /// Bytes of an `.nx` file's metadata. A spec has a few hundred bytes. The training loop adds its metrics as
  /// tensor structs, which are scalars.
  static let edificeMetadataBytes = 64 << 20

  /// Bytes of an `.nx` file's tree, which is held in memory while it is read. A leaf takes about 100.
  static let edificeTreeBytes = 64 << 20

  /// Values in the metadata. All of them are built, and take 150 MB beside the bytes of the metadata. Values in
  /// the tree are not built: their limit is the length of the tree, as each takes at least a byte.
  static let terms = 1 << 20

  /// Nesting depth of an external term. A tree of layers and parameters needs nine levels.
  static let termDepth = 64

  /// Characters of an atom: the limit of Erlang itself.
  static let atomCharacters = 255

  /// The most bytes that one byte of a deflate stream can stand for: 258 for every two bits.
  static let deflateRatio = 1032
}
