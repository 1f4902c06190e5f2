/// The opcodes of protocols 1 to 5, which PyTorch reads. The names follow Python's `pickletools`.
enum PickleOpcode: UInt8 {
  case mark = 0x28
  case stop = 0x2E
  case pop = 0x30
  case popMark = 0x31
  case dup = 0x32
  case binFloat = 0x47
  case binInt = 0x4A
  case binInt1 = 0x4B
  case binInt2 = 0x4D
  case none = 0x4E
  case binPersistentID = 0x51
  case reduce = 0x52
  case binString = 0x54
  case shortBinString = 0x55
  case binUnicode = 0x58
  case emptyList = 0x5D
  case append = 0x61
  case build = 0x62
  case global = 0x63
  case appends = 0x65
  case binGet = 0x68
  case instance = 0x69
  case longBinGet = 0x6A
  case binPut = 0x71
  case longBinPut = 0x72
  case setItem = 0x73
  case tuple = 0x74
  case setItems = 0x75
  case emptyDictionary = 0x7D
  case emptyTuple = 0x29
  case binBytes = 0x42
  case shortBinBytes = 0x43
  // Opcodes of the text form, which protocol 1 still has. The first two are followed by a line of text.
  case textInteger = 0x49
  case textLong = 0x4C
  case object = 0x6F
  case proto = 0x80
  case newObject = 0x81
  /// Extension codes are numbers that programs agree on for classes.
  case extension1 = 0x82
  case extension2 = 0x83
  case extension4 = 0x84
  case tuple1 = 0x85
  case tuple2 = 0x86
  case tuple3 = 0x87
  case newTrue = 0x88
  case newFalse = 0x89
  case long1 = 0x8A
  case long4 = 0x8B
  case shortBinUnicode = 0x8C
  case binUnicode8 = 0x8D
  case binBytes8 = 0x8E
  case emptySet = 0x8F
  case addItems = 0x90
  case frozenSet = 0x91
  case newObjectEx = 0x92
  case stackGlobal = 0x93
  case memoize = 0x94
  case frame = 0x95
  case byteArray8 = 0x96

  /// What a refused opcode stands for.
  static func name(ofRefused code: UInt8) -> String {
    switch code {
    case 0x97, 0x98: "an out-of-band buffer"
    default: "no opcode"
    }
  }

  /// Whether an opcode belongs to protocol 0. PyTorch writes storages as texts there, and does not read them
  /// back.
  static func isOfProtocol0(_ code: UInt8) -> Bool {
    [0x46, 0x50, 0x53, 0x56, 0x64, 0x67, 0x6C, 0x70].contains(code)
  }
}
