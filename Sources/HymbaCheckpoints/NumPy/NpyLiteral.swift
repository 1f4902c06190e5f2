import HymbaFormat

/// A cursor over the Python literal in an array's header:
/// `{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }`.
struct NpyLiteral {
  private let text: [UInt8]
  private let array: String
  private let base: Int
  private var index = 0

  /// - Parameters:
  ///   - array: The array's name, for messages.
  ///   - base: Where the text begins in the array's file.
  init(_ text: [UInt8], of array: String, at base: Int) {
    self.text = text
    self.array = array
    self.base = base
  }

  /// Reads `{key: value, …}` up to the end of the header.
  /// - Parameter value: Gets each key, and must read its value.
  /// - Throws: ``NumPyError/headerInvalid(_:expected:at:)``, and what `value` throws.
  mutating func readDictionary(
    _ value: (inout NpyLiteral, String) throws(NumPyError) -> Void
  ) throws(NumPyError) {
    try expect("{")
    while !accept("}") {
      let key = try readString()
      try expect(":")
      try value(&self, key)
      if !accept(",") {
        try expect("}")
        break
      }
    }
    skipSpaces()
    guard index == text.count else { throw expected("the end of the header") }
  }

  mutating func readString() throws(NumPyError) -> String {
    // Python 2 wrote a `u` in front of a Unicode string.
    _ = accept("u")
    skipSpaces()
    guard index < text.count, text[index] == UInt8(ascii: "'") || text[index] == UInt8(ascii: "\"")
    else { throw expected("a text") }
    let rest = text[(index + 1)...]
    guard let end = rest.firstIndex(of: text[index]), !rest[..<end].contains(UInt8(ascii: "\\"))
    else { throw expected("a text without escapes") }
    index = end + 1
    return String(decoding: rest[..<end], as: UTF8.self)
  }

  mutating func readBool() throws(NumPyError) -> Bool {
    if accept("True") { return true }
    guard accept("False") else { throw expected("True or False") }
    return false
  }

  /// Reads a tuple of integers: `()`, `(2,)` or `(2, 3)`.
  mutating func readIntegers() throws(NumPyError) -> [Int] {
    var integers: [Int] = []
    try expect("(")
    while !accept(")") {
      guard integers.count <= Limits.maximumRank else {
        throw expected("at most \(Limits.maximumRank) dimensions")
      }
      integers.append(try readInteger())
      if !accept(",") {
        try expect(")")
        break
      }
    }
    return integers
  }

  private mutating func readInteger() throws(NumPyError) -> Int {
    skipSpaces()
    let digits = text[index...].prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    guard let value = Int(String(decoding: digits, as: UTF8.self)) else {
      throw expected("a whole number below 2^63")
    }
    index = digits.endIndex
    // Python 2 wrote an `L` after a long integer.
    _ = accept("L")
    return value
  }

  private mutating func accept(_ word: String) -> Bool {
    skipSpaces()
    guard text[index...].starts(with: word.utf8) else { return false }
    index += word.utf8.count
    return true
  }

  private mutating func expect(_ word: String) throws(NumPyError) {
    guard accept(word) else { throw expected("“\(word)”") }
  }

  /// Skips what Python allows between tokens: white space and comments.
  private mutating func skipSpaces() {
    while index < text.count {
      switch text[index] {
      case 0x20, 0x09, 0x0A, 0x0C, 0x0D: index += 1
      case UInt8(ascii: "#"):
        index = text[index...].firstIndex { $0 == 0x0A || $0 == 0x0D } ?? text.count
      default: return
      }
    }
  }

  func expected(_ what: String) -> NumPyError {
    .headerInvalid(array, expected: what, at: base + index)
  }

  /// Whether a list comes next. It would hold the fields of a structured type.
  mutating func isAtList() -> Bool {
    skipSpaces()
    return index < text.count && text[index] == UInt8(ascii: "[")
  }
}
