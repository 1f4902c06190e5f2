import HymbaFormat

/// The type of a value in a GGUF file, by its number there.
package enum GGUFValueType: UInt32, Sendable {
  case uint8 = 0, int8, uint16, int16, uint32, int32, float32, bool, text, array, uint64, int64, float64

  /// The name that llama.cpp prints.
  package var name: String {
    switch self {
    case .uint8: "u8"
    case .int8: "i8"
    case .uint16: "u16"
    case .int16: "i16"
    case .uint32: "u32"
    case .int32: "i32"
    case .float32: "f32"
    case .bool: "bool"
    case .text: "str"
    case .array: "arr"
    case .uint64: "u64"
    case .int64: "i64"
    case .float64: "f64"
    }
  }

  /// The types of whole numbers.
  static let whole: [Self] = [.uint8, .int8, .uint16, .int16, .uint32, .int32, .uint64, .int64]

  /// The fewest bytes that a value takes. A text has a length, and an array a type and a count.
  var leastBytes: Int {
    switch self {
    case .uint8, .int8, .bool: 1
    case .uint16, .int16: 2
    case .uint32, .int32, .float32: 4
    case .text, .uint64, .int64, .float64: 8
    case .array: 12
    }
  }

  /// The type in words, for messages.
  var words: String {
    switch self {
    case .uint8, .int8, .uint16, .int16, .uint32, .int32, .uint64, .int64: "a whole number"
    case .float32, .float64: "a floating-point number"
    case .bool: "true or false"
    case .text: "a text"
    case .array: "an array"
    }
  }
}

/// A value of a key. Its width is not kept.
package enum GGUFValue: Equatable, Sendable {
  case unsigned(UInt64)
  case signed(Int64)
  case float32(Float)
  case float64(Double)
  case bool(Bool)
  /// A text. Bytes that are no UTF-8 are replaced by U+FFFD.
  case text(String)
  case array(GGUFArray)
}

/// An array in a GGUF file. Its values stay in the file, as a vocabulary has hundreds of thousands.
package struct GGUFArray: Equatable, Sendable {
  /// The type of the values, which is not ``GGUFValueType/array``.
  package let type: GGUFValueType
  package let count: Int
  /// The first values, at most ``shownValues``. Long texts are cut.
  package let first: [GGUFValue]
  /// The byte of the file at which the values begin.
  let offset: Int

  /// The most values that are shown.
  static let shownValues = 8
  /// The most bytes of a text that are shown.
  static let shownBytes = 64
}

extension GGUFValue {
  /// The value as metadata shows it: the shortest decimal of a number, and the first values of an array with
  /// their number.
  package var text: String {
    switch self {
    case .unsigned(let value): "\(value)"
    case .signed(let value): "\(value)"
    case .float32(let value): "\(value)"
    case .float64(let value): "\(value)"
    case .bool(let value): "\(value)"
    case .text(let text): text
    case .array(let array):
      array.count > array.first.count
        ? "[\(array.texts), …], \(array.count) values" : "[\(array.texts)]"
    }
  }

  /// The value in a message.
  var shown: String {
    switch self {
    case .text(let text):
      "“\(String(text.unicodeScalars.prefix(GGUFArray.shownBytes)).printable)”"
    default: text.printable
    }
  }
}

extension GGUFArray {
  fileprivate var texts: String { first.map(\.shown).joined(separator: ", ") }
}
