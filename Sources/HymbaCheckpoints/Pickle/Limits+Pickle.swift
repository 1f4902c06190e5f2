import HymbaFormat

extension Limits {
  /// Bytes of one pickle, which is held in memory while it is read. A tensor takes about 250: this is a
  /// checkpoint of 250 000.
  static let pickleBytes = 64 << 20

  /// Opcodes that are carried out. A tensor takes about 60; each can leave 16 bytes in a list.
  static let pickleOperations = 1 << 23

  /// Texts, tuples, lists, dictionaries, storages and tensors of one pickle. A tensor needs about ten.
  static let pickleObjects = 1 << 21

  /// Values on the stack. Python's pickler puts at most 2000 there before it stores them in a dictionary.
  static let pickleStack = 1 << 20

  /// Values in the memo, where Python's pickler puts every object once.
  static let pickleMemo = 1 << 21

  /// Bytes of the name of a module or of what it holds. PyTorch's longest have about 60.
  static let pickleGlobalBytes = 512

  /// How deep dictionaries and lists may nest below a checkpoint. A training state has four levels; a
  /// dictionary that holds itself has any number.
  static let stateDictDepth = 16

  /// Values below a checkpoint, counted each time that they are met: lists that hold each other many times
  /// would never end.
  static let stateDictValues = 1 << 20

  /// Bytes of the names of all values below a checkpoint. A few long keys above many values multiply; those of
  /// 250 000 tensors have about 25 MB.
  static let stateDictNameBytes = 128 << 20
}
