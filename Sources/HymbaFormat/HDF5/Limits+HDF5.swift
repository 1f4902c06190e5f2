extension Limits {
  /// Levels of nested groups. A path of them has to fit into a tensor's name.
  static let hdf5Depth = 64

  /// Links of all groups together. A group that is reached twice counts twice, because a file of a few
  /// kilobytes can have billions of paths. Opening 100 000 tensors takes seconds.
  static let hdf5Links = 1 << 18

  /// Visits of groups that were visited before, under another name. A few shared layers are plausible.
  static let hdf5SharedGroups = 1 << 10

  /// Bytes of a decoded chunk. A chunk is decoded in memory, in one piece, beside its compressed bytes and a
  /// copy. That takes about 2.1 times as much, and a conversion shall stay below 256 MB.
  static let hdf5ChunkBytes = 96 << 20

  /// Bytes of decoded chunks that are kept, so that a window of a tensor finds the chunks that were decoded for
  /// the window before. This holds a band of chunks across a matrix of 16 000 columns.
  static let hdf5CacheBytes = 64 << 20

  /// Decoded bytes that one stored byte can stand for. Deflate reaches 1032, szip and the others less.
  static let hdf5Ratio = 1032

  /// How many times the size of its datasets all tensors of a large file may have, when datasets have several
  /// names. Tied weights have two names, or three.
  static let hdf5SharedRatio = 16

  /// Dimensions of a dataset or an attribute. This is the format's own limit.
  static let hdf5Rank = 32

  /// Levels of nested types, such as a sequence of structures of arrays. The library follows them recursively.
  static let hdf5TypeDepth = 8

  /// Levels of a version 2 B-tree. Four levels of the smallest nodes hold more entries than are accepted.
  static let hdf5TreeDepth = 8

  /// Bytes of a node of a version 2 B-tree. The library writes nodes of 512 to 2048 bytes.
  static let hdf5NodeBytes: UInt64 = 1 << 20

  /// Bytes of global heap collections that are read for all attributes of a file. When texts are scattered, the
  /// same collections are read again and again. Reading a gigabyte takes about a second.
  static let hdf5CollectionBytes = 1 << 30

  /// Bytes of the name of a link. Names of tensors are shorter.
  static let hdf5LinkBytes = 4096

  /// Bytes of an attribute with names, of an object's header, and of a block that is read for it. Keras splits
  /// lists above 64 kB.
  static let hdf5NamesBytes = 16 << 20

  /// Blocks of one object header. A new block is made when the one before is full.
  static let hdf5HeaderBlocks = 1 << 10

  /// Bytes of an attribute that becomes metadata, or gives the type of the elements.
  static let hdf5AttributeBytes = 1 << 16

  /// Attributes in one object's header. In the newer format, more than eight are stored outside of the header.
  static let hdf5Attributes = 1 << 10

  /// Bytes of a user block: another program's data in front of the HDF5 data. The format doubles the offset
  /// at which its own data may begin.
  static let hdf5UserBlock = 1 << 30
}
