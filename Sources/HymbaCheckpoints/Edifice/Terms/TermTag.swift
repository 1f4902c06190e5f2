/// The tags of the Erlang External Term Format that a checkpoint may hold.
enum TermTag: UInt8 {
  case newFloat = 70
  case smallInteger = 97
  case integer = 98
  /// An atom in Latin-1. OTP 25 and earlier use this tag for every atom that Latin-1 can express.
  case atom = 100
  case smallTuple = 104
  case largeTuple = 105
  case emptyList = 106
  /// A list of integers below 256. It is not a text.
  case string = 107
  case list = 108
  case binary = 109
  case smallBig = 110
  /// A short atom in Latin-1.
  case smallAtom = 115
  case map = 116
  case atomUTF8 = 118
  /// A short atom in UTF-8. OTP 26 and later use this tag for every atom of up to 255 bytes.
  case smallAtomUTF8 = 119

  /// The byte in front of every term.
  static let version: UInt8 = 131

  /// What a refused tag stands for.
  static func name(ofForbidden tag: UInt8) -> String {
    switch tag {
    case 68, 69: "distribution header"
    case 77: "bit string"
    case 80: "compressed term"
    case 82: "atom cache reference"
    case 88, 103: "process identifier"
    case 89, 102, 120: "port"
    case 90, 101, 114: "reference"
    case 99: "float as text"
    case 111: "large integer"
    case 112, 117: "function"
    case 113: "exported function"
    case 121: "local term"
    default: "unknown"
    }
  }
}
