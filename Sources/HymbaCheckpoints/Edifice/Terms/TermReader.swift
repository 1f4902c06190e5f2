import HymbaFormat

/// A pull parser for one term in the Erlang External Term Format, as far as checkpoints use it.
///
/// Lengths and counts are compared with the bytes left before anything is reserved. Depth and the number of
/// values are bounded. Atoms stay strings.
struct TermReader {
  private let bytes: [UInt8]
  private let base: FilePosition
  private var index = 0
  private var depth = 0
  private var terms = 0
  private let limit: Int

  /// - Parameters:
  ///   - bytes: The version byte 131, then one value.
  ///   - base: Where the first of these bytes is in the checkpoint.
  ///   - limit: The most values that are read.
  /// - Throws: ``EdificeError/term(_:at:)`` when the version byte is missing.
  init(
    _ bytes: [UInt8], at base: FilePosition, limit: Int = Limits.terms
  ) throws(EdificeError) {
    self.limit = limit
    self.bytes = bytes
    self.base = base
    let first = try byte()
    guard first == TermTag.version else { throw .term(.notATerm(found: first), at: base) }
  }

  /// Where the next value begins.
  var position: FilePosition { base.advanced(by: index) }
  var bytesRead: Int { index }
  private var left: Int { bytes.count - index }

  /// All of a scalar, or a list, tuple or map without its elements.
  enum Head {
    case integer(Int)
    case float(Double)
    case atom(String)
    case binary([UInt8])
    /// A list of integers below 256.
    case string([UInt8])
    case emptyList
    /// A list of that many elements, which are followed by a tail.
    case list(Int)
    case tuple(Int)
    /// A map of that many keys, each followed by its value.
    case map(Int)
  }

  /// Reads a scalar, or the head of a list, tuple or map.
  mutating func readHead() throws(EdificeError) -> Head {
    let at = position
    let code = try byte()
    guard let tag = TermTag(rawValue: code) else { throw .term(.forbiddenTag(code), at: at) }
    try countTerms(1, at)
    switch tag {
    case .smallInteger: return .integer(Int(try byte()))
    case .integer: return .integer(Int(Int32(bitPattern: UInt32(try unsigned(4)))))
    case .smallBig: return .integer(try bigInteger(at))
    case .newFloat:
      let value = Double(bitPattern: try unsigned(8))
      guard value.isFinite else { throw .term(.notFinite, at: at) }
      return .float(value)
    case .atom: return .atom(try latin1(Int(try unsigned(2)), at))
    case .smallAtom: return .atom(try latin1(Int(try unsigned(1)), at))
    case .atomUTF8: return .atom(try utf8(Int(try unsigned(2)), at))
    case .smallAtomUTF8: return .atom(try utf8(Int(try unsigned(1)), at))
    case .binary: return .binary(Array(try take(Int(try unsigned(4)))))
    case .string:
      let elements = Array(try take(Int(try unsigned(2))))
      try countTerms(elements.count, at)
      return .string(elements)
    case .emptyList: return .emptyList
    case .list: return .list(try count(4, of: "list", at))
    case .smallTuple: return .tuple(try count(1, of: "tuple", at))
    case .largeTuple: return .tuple(try count(4, of: "tuple", at))
    case .map: return .map(try count(4, of: "map", bytesEach: 2, at))
    }
  }

  /// Runs `elements` one level deeper. It must read the elements of the list, tuple or map whose head was just
  /// read.
  mutating func descend(
    _ elements: (inout TermReader) throws(EdificeError) -> Void
  ) throws(EdificeError) {
    depth += 1
    guard depth <= Limits.termDepth else {
      throw .term(.tooDeep(limit: Limits.termDepth), at: position)
    }
    try elements(&self)
    depth -= 1
  }

  /// Reads the tail of the list that began at `start`. It must be an empty list.
  mutating func readTail(ofListAt start: FilePosition) throws(EdificeError) {
    guard case .emptyList = try readHead() else { throw .term(.improperList, at: start) }
  }

  /// Checks that no bytes are left.
  func finish() throws(EdificeError) {
    guard left == 0 else { throw .term(.trailingBytes(left), at: position) }
  }
}

extension TermReader {
  private mutating func byte() throws(EdificeError) -> UInt8 { UInt8(try unsigned(1)) }

  /// Reads a big-endian integer of `count` bytes, at most eight.
  private mutating func unsigned(_ count: Int) throws(EdificeError) -> UInt64 {
    var value: UInt64 = 0
    for byte in try take(count) { value = value << 8 | UInt64(byte) }
    return value
  }

  private mutating func take(_ count: Int) throws(EdificeError) -> ArraySlice<UInt8> {
    guard count <= left else { throw .term(.endsEarly(wanted: count, left: left), at: position) }
    defer { index += count }
    return bytes[index..<index + count]
  }

  /// Reads a number of elements, which takes `width` bytes. An element takes at least `bytesEach` bytes, so the
  /// number is refused when that many cannot be left.
  private mutating func count(
    _ width: Int, of what: String, bytesEach: Int = 1, _ at: FilePosition
  ) throws(EdificeError) -> Int {
    let declared = Int(try unsigned(width))
    guard declared <= left / bytesEach else {
      throw .term(.falseCount(what, declared: declared, left: left), at: at)
    }
    return declared
  }

  private mutating func countTerms(_ count: Int, _ at: FilePosition) throws(EdificeError) {
    terms += count
    guard terms <= limit else { throw .term(.tooManyTerms(limit: limit), at: at) }
  }

  private mutating func bigInteger(_ at: FilePosition) throws(EdificeError) -> Int {
    let count = Int(try byte())
    let sign = try byte()
    guard sign <= 1 else { throw .term(.badSign(sign), at: at) }
    let digits = try take(count)
    guard digits.dropFirst(8).allSatisfy({ $0 == 0 }) else { throw .term(.integerTooLarge, at: at) }
    let magnitude = digits.prefix(8).reversed().reduce(Int128(0)) { $0 << 8 | Int128($1) }
    guard let value = Int(exactly: sign == 0 ? magnitude : -magnitude) else {
      throw .term(.integerTooLarge, at: at)
    }
    return value
  }

  private mutating func latin1(_ count: Int, _ at: FilePosition) throws(EdificeError) -> String {
    guard count <= Limits.atomCharacters else { throw tooLong(at) }
    return String(String.UnicodeScalarView(try take(count).map { Unicode.Scalar($0) }))
  }

  private mutating func utf8(_ count: Int, _ at: FilePosition) throws(EdificeError) -> String {
    guard let text = String(validating: try take(count), as: UTF8.self) else {
      throw .term(.notUTF8, at: at)
    }
    guard text.unicodeScalars.count <= Limits.atomCharacters else { throw tooLong(at) }
    return text
  }

  private func tooLong(_ at: FilePosition) -> EdificeError {
    .term(.atomTooLong(limit: Limits.atomCharacters), at: at)
  }
}
