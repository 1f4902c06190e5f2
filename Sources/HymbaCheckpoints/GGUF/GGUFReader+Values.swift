import HymbaFormat

extension GGUFReader {
  /// Reads the type and the value of a key.
  /// - Throws: ``GGUFError``, `FormatError`.
  mutating func value(of key: String) throws -> (type: GGUFValueType, value: GGUFValue) {
    let type = try type(of: key)
    guard type == .array else { return (type, try scalar(type, of: key)) }
    let elements = try self.type(of: key)
    guard elements != .array else { throw GGUFError.arrayOfArrays(key: key) }
    return (type, .array(try array(of: elements, key)))
  }

  private mutating func type(of key: String) throws -> GGUFValueType {
    let number = try number(UInt32.self, in: "the key “\(key.printable)”")
    guard let type = GGUFValueType(rawValue: number) else {
      throw GGUFError.valueType(key: key, type: number)
    }
    return type
  }

  /// Reads a value that is no array.
  /// - Parameter shownBytes: The most bytes of a text that are kept; all if nil.
  mutating func scalar(
    _ type: GGUFValueType, of key: String, shownBytes: Int? = nil
  ) throws -> GGUFValue {
    func place() -> String { "the key “\(key.printable)”" }
    switch type {
    case .uint8: return .unsigned(UInt64(try number(UInt8.self, in: place())))
    case .uint16: return .unsigned(UInt64(try number(UInt16.self, in: place())))
    case .uint32: return .unsigned(UInt64(try number(UInt32.self, in: place())))
    case .uint64: return .unsigned(try number(in: place()))
    case .int8: return .signed(Int64(try number(Int8.self, in: place())))
    case .int16: return .signed(Int64(try number(Int16.self, in: place())))
    case .int32: return .signed(Int64(try number(Int32.self, in: place())))
    case .int64: return .signed(try number(in: place()))
    case .float32: return .float32(Float(bitPattern: try number(in: place())))
    case .float64: return .float64(Double(bitPattern: try number(in: place())))
    case .bool:
      let byte = try number(UInt8.self, in: place())
      guard byte <= 1 else { throw GGUFError.notABool(key: key, byte) }
      return .bool(byte == 1)
    case .text:
      let count = try textLength(of: key)
      let kept = min(count, shownBytes ?? count)
      let bytes = try bytes(kept)
      skip(count - kept)
      return .text(String(decoding: bytes, as: UTF8.self))
    case .array: throw GGUFError.arrayOfArrays(key: key)
    }
  }

  private mutating func textLength(of key: String) throws -> Int {
    try length(of: "a text of the key “\(key.printable)”", limit: Limits.ggufTextBytes)
  }

  /// Reads the count of an array and its first values, and steps over the others. Their lengths and truth
  /// values are checked.
  private mutating func array(of type: GGUFValueType, _ key: String) throws -> GGUFArray {
    let what = "the key “\(key.printable)”"
    let declared = try number(UInt64.self, in: what)
    guard declared <= UInt64(left / type.leastBytes) else {
      throw GGUFError.falseLength(of: "the array of \(what)", declared: declared, left: left)
    }
    let (count, offset) = (Int(declared), position)
    guard count * type.leastBytes <= Limits.ggufKeySectionBytes else {
      throw GGUFError.keysTooLong(limit: Limits.ggufKeySectionBytes)
    }
    let shown = min(count, GGUFArray.shownValues)
    var first: [GGUFValue] = []
    for _ in 0..<shown {
      first.append(try scalar(type, of: key, shownBytes: GGUFArray.shownBytes))
    }
    switch type {
    case .text: for _ in shown..<count { skip(try textLength(of: key)) }
    case .bool: for _ in shown..<count { _ = try scalar(.bool, of: key) }
    default: skip((count - shown) * type.leastBytes)
    }
    return GGUFArray(type: type, count: count, first: first, offset: offset)
  }
}
