extension Limits {
  /// Groups inside groups: a path of them has to fit into a tensor's name.
  static let hdf5Depth = 64

  /// Links of all groups together, a group that is reached twice counted twice. Opening 100 000 tensors takes
  /// seconds, and a file of a few kilobytes can have billions of paths.
  static let hdf5Links = 1 << 18

  /// Visits of groups that were visited before, under another name: a shared layer or two is plausible.
  static let hdf5SharedGroups = 1 << 10

  /// Bytes of a chunk that is decoded, which happens in memory and in one piece, beside its compressed bytes and
  /// a copy: reading a chunk takes about 2.1 times as much, and a conversion shall stay below 256 MB.
  static let hdf5ChunkBytes = 96 << 20

  /// Decoded chunks that are kept, so that the windows of a tensor find what the window before it decoded:
  /// a band of chunks across a matrix of 16 000 columns.
  static let hdf5CacheBytes = 64 << 20

  /// Bytes that one stored byte can stand for. Deflate reaches 1032, szip and the others less.
  static let hdf5Ratio = 1032

  /// How many times their datasets' size all names of a file may hold, where that is a large file's: tied weights
  /// have two names, or three.
  static let hdf5SharedRatio = 16

  /// Dimensions of a dataset or an attribute: the format's own limit.
  static let hdf5Rank = 32

  /// Types inside of types, such as a sequence of structures of arrays: the library follows them on the stack.
  static let hdf5TypeDepth = 8

  /// Levels of a tree of the newer format: four of the smallest nodes hold more entries than are accepted.
  static let hdf5TreeDepth = 8

  /// Bytes of a node of such a tree; the library makes them of 512 to 2048.
  static let hdf5NodeBytes: UInt64 = 1 << 20

  /// Bytes of collections of texts that are read for all attributes of a file: texts that lie apart make the same
  /// ones be read again. More than a gigabyte takes a second.
  static let hdf5CollectionBytes = 1 << 30

  /// Bytes of the name of a link; those of tensors are shorter.
  static let hdf5LinkBytes = 4096

  /// Bytes of an attribute with names, of an object's header, and of a block that is read for it; Keras splits lists above 64 kB.
  static let hdf5NamesBytes = 16 << 20

  /// Blocks of one object header: each new one is made when the one before is full.
  static let hdf5HeaderBlocks = 1 << 10

  /// Bytes of an attribute that becomes metadata or says what the elements are.
  static let hdf5AttributeBytes = 1 << 16

  /// Attributes of one object; more than eight are stored in another, slower way.
  static let hdf5Attributes = 1 << 10

  /// Bytes of a block in front of the HDF5 data that belongs to another program; the format doubles the
  /// place where its own may begin.
  static let hdf5UserBlock = 1 << 30
}
