import HymbaFormat

extension Limits {
  /// Bytes of an `.nx` file's metadata. A spec is a few hundred bytes; the training loop adds its
  /// metrics as tensor structs, which are scalars.
  static let edificeMetadataBytes = 64 << 20

  /// Bytes of an `.nx` file's tree, which is held in memory while it is read. A leaf takes about 100.
  static let edificeTreeBytes = 64 << 20

  /// Values of metadata, which are all made: they take 150 MB beside its bytes. Those of the tree are not made, and
  /// each takes a byte of it at least.
  static let terms = 1 << 20

  /// Nesting of an external term: a tree of layers and parameters needs nine levels.
  static let termDepth = 64

  /// The limit of Erlang itself.
  static let atomCharacters = 255

  /// Bytes that one byte of a deflate stream can stand for: 258 for every two bits.
  static let deflateRatio = 1032
}
