import HymbaFormat

extension Limits {
  /// Bytes of one pickle, which is held in memory while it is read. A tensor takes about 250, so this is enough
  /// for 250 000 tensors.
  static let pickleBytes = 64 << 20

  /// Opcodes of one pickle that are executed. A tensor takes about 60. Each opcode can leave 16 bytes in a
  /// list.
  static let pickleOperations = 1 << 23

  /// Texts, tuples, lists, dictionaries, objects, storages and tensors of one pickle. A tensor needs about ten.
  static let pickleObjects = 1 << 21

  /// Values on the stack. Python's pickler puts at most 2000 there before it stores them in a dictionary.
  static let pickleStack = 1 << 20

  /// Values in the memo. Python's pickler puts every object there once.
  static let pickleMemo = 1 << 21

  /// Bytes of the name of a module, or of a class or function in it. The longest in PyTorch have about 60.
  static let pickleGlobalBytes = 512

  /// Nesting depth of dictionaries and lists in a checkpoint. A training checkpoint has four levels. A
  /// dictionary that contains itself would have no end.
  static let stateDictDepth = 16

  /// Values in a checkpoint, counted each time that they are met. Lists that contain each other many times
  /// would never end.
  static let stateDictValues = 1 << 20

  /// Bytes of the names of all values in a checkpoint together. A long key is repeated in the name of every
  /// value below it. The names of 250 000 tensors have about 25 MB.
  static let stateDictNameBytes = 128 << 20
}
