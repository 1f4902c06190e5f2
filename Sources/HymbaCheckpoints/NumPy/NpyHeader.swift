import HymbaFormat

/// The header of a NumPy array: element type, shape, and order of the elements and bytes.
struct NpyHeader {
  static let magic: [UInt8] = [0x93] + Array("NUMPY".utf8)

  let type: ElementType
  let dimensions: [Int]
  let isColumnMajor: Bool
  let isBigEndian: Bool
  /// Length of the header in bytes. The data begins there.
  let byteCount: Int

  /// Reads and checks the header.
  /// - Parameter name: The array's name, for messages.
  /// - Throws: ``NumPyError``, and the errors of `bytes`.
  init(reading bytes: any ByteSource, of name: String) throws {
    func read(at offset: Int, _ count: Int) throws -> [UInt8] {
      guard count <= bytes.byteCount - offset else { throw NumPyError.notAnArray(name) }
      return try [UInt8](count: count) { try bytes.read(at: offset, into: &$0) }
    }
    // The header begins with 6 bytes of magic, 2 of version, and 2 (version 1) or 4 of length.
    let start = try read(at: 0, 10)
    guard start.starts(with: Self.magic) else { throw NumPyError.notAnArray(name) }
    let version = start[6]
    // NumPy, too, knows only the versions 1.0, 2.0 and 3.0.
    guard (1...3).contains(version), start[7] == 0 else {
      throw NumPyError.unknownVersion(name, major: version, minor: start[7])
    }
    let lengthBytes = version == 1 ? 2 : 4
    let length = try read(at: 8, lengthBytes).reversed().reduce(0) { $0 << 8 | Int($1) }
    guard length <= Limits.npyHeaderBytes, length <= bytes.byteCount - 8 - lengthBytes else {
      throw NumPyError.headerTooLarge(
        name, declared: length,
        limit: min(Limits.npyHeaderBytes, bytes.byteCount - 8 - lengthBytes))
    }
    let text = try read(at: 8 + lengthBytes, length)
    try self.init(text, of: name, at: 8 + lengthBytes)
  }

  private init(_ text: [UInt8], of name: String, at base: Int) throws(NumPyError) {
    var literal = NpyLiteral(text, of: name, at: base)
    var (kind, isColumnMajor, dimensions): (String?, Bool?, [Int]?) = (nil, nil, nil)
    try literal.readDictionary { literal, key throws(NumPyError) in
      switch key {
      case "descr" where literal.isAtList():
        throw .notNumbers(name, "of several fields")
      case "descr": kind = try literal.readString()
      case "fortran_order": isColumnMajor = try literal.readBool()
      case "shape": dimensions = try literal.readIntegers()
      default: throw literal.expected("descr, fortran_order or shape")
      }
    }
    guard let kind, let isColumnMajor, let dimensions else {
      throw literal.expected("descr, fortran_order and shape")
    }
    let letter = kind.unicodeScalars.dropFirst().first
    if letter == "O" { throw .objects(name) }
    // NumPy has no names for the types of `ml_dtypes` and saves them as `V1` or `V2`. The only one of two bytes
    // is bfloat16. Those of one byte cannot be told apart. They are numbers, so they get another error than
    // texts.
    let isNarrow = ["V1", "V2"].contains(kind.dropFirst())
    if let letter, "SUaMmV".unicodeScalars.contains(letter), !isNarrow {
      throw .notNumbers(name, "“\(kind)”")
    }
    guard let order = kind.unicodeScalars.first, let type = Self.types[String(kind.dropFirst())],
      ["<", ">", "|"].contains(order), order != "|" || type.byteSize == 1
    else { throw .elementType(name, "“\(kind)”") }
    self.type = type
    self.dimensions = dimensions
    self.isColumnMajor = isColumnMajor
    self.isBigEndian = order == ">"
    self.byteCount = base + text.count
  }

  private static let types: [String: ElementType] = [
    "f8": .float64, "f4": .float32, "f2": .float16, "i8": .int64, "i4": .int32, "i2": .int16,
    "i1": .int8, "u8": .uint64, "u4": .uint32, "u2": .uint16, "u1": .uint8, "b1": .bool,
    "c8": .complex64, "V2": .bfloat16,
  ]
}
