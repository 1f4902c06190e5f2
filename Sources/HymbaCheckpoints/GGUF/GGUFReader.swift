import HymbaFormat

/// A cursor over the beginning of a GGUF file: little-endian numbers, and texts with their lengths.
///
/// Lengths are compared with the bytes left and with a limit before anything is reserved. The file is read in
/// windows, so a file of any size takes little memory.
struct GGUFReader {
  private let file: any ByteSource
  /// The bytes of the file from `windowStart` on.
  private var window: [UInt8] = []
  private var windowStart = 0
  /// The byte of the file that is read next.
  private(set) var position: Int

  private static let windowBytes = 1 << 16

  /// - Precondition: `position` lies within the file.
  init(_ file: any ByteSource, at position: Int = 0) {
    self.file = file
    self.position = position
  }

  var left: Int { file.byteCount - position }

  /// Reads a whole number of the width of `Number`.
  /// - Parameter place: Where it stands, for messages, such as `key 3`.
  /// - Throws: ``GGUFError/endsEarly(within:at:)``, `FormatError`.
  mutating func number<Number: FixedWidthInteger>(
    _: Number.Type = Number.self, in place: @autoclosure () -> String
  ) throws -> Number {
    let count = Number.bitWidth / 8
    try load(count, in: place())
    var value: UInt64 = 0
    for index in 0..<count {
      value |= UInt64(window[position - windowStart + index]) << UInt64(8 * index)
    }
    position += count
    return Number(truncatingIfNeeded: value)
  }

  /// Reads the length of a text, and returns it when so many bytes are left.
  /// - Parameters:
  ///   - what: The text, for messages, such as `the name of tensor 3`.
  ///   - limit: The most bytes that are accepted.
  /// - Throws: ``GGUFError/falseLength(of:declared:left:)``, ``GGUFError/tooLong(_:declared:limit:)``,
  ///   ``GGUFError/endsEarly(within:at:)``, `FormatError`.
  mutating func length(of what: @autoclosure () -> String, limit: Int) throws -> Int {
    let declared = try number(UInt64.self, in: what())
    guard declared <= UInt64(left) else {
      throw GGUFError.falseLength(of: what(), declared: declared, left: left)
    }
    guard declared <= UInt64(limit) else {
      throw GGUFError.tooLong(what(), declared: declared, limit: limit)
    }
    return Int(declared)
  }

  /// Reads bytes.
  /// - Precondition: `count` has been compared with ``left`` and with a limit.
  mutating func bytes(_ count: Int) throws -> [UInt8] {
    defer { position += count }
    guard count <= Self.windowBytes else { return try file.bytes(at: position, count: count) }
    try load(count, in: "")
    return Array(window[(position - windowStart)..<(position - windowStart + count)])
  }

  /// - Precondition: `count` has been compared with ``left``.
  mutating func skip(_ count: Int) { position += count }

  /// Reads a name: a text in UTF-8 that is not empty.
  /// - Throws: ``GGUFError/invalidText(_:why:)``, and the errors of ``length(of:limit:)``.
  mutating func name(_ what: @autoclosure () -> String, limit: Int) throws -> String {
    let count = try length(of: what(), limit: limit)
    guard count > 0 else { throw GGUFError.invalidText(what(), why: "is empty") }
    guard let name = String(validating: try bytes(count), as: UTF8.self) else {
      throw GGUFError.invalidText(what(), why: "is not UTF-8")
    }
    return name
  }

  /// Makes sure that the window holds the next `count` bytes, at most ``windowBytes``.
  private mutating func load(_ count: Int, in place: @autoclosure () -> String) throws {
    guard count <= left else { throw GGUFError.endsEarly(within: place(), at: file.byteCount) }
    guard position < windowStart || position + count > windowStart + window.count else { return }
    window = try file.bytes(at: position, count: min(Self.windowBytes, left))
    windowStart = position
  }
}
