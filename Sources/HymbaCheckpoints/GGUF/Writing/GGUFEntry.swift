/// A key of a GGUF file with its value, as the bytes that are written.
package struct GGUFEntry: Sendable {
  package let key: String
  /// The type of the value and the value.
  let bytes: [UInt8]

  private init(_ key: String, _ type: GGUFValueType, _ value: [UInt8]) {
    self.key = key
    self.bytes = type.rawValue.littleEndianBytes + value
  }

  /// A key with the bytes that another file has after its name.
  init(_ key: String, copied bytes: [UInt8]) {
    self.key = key
    self.bytes = bytes
  }

  package init(_ key: String, _ value: UInt32) { self.init(key, .uint32, value.littleEndianBytes) }

  package init(_ key: String, _ value: Float) { self.init(key, .float32, value.bitPattern.littleEndianBytes) }

  package init(_ key: String, _ value: Bool) { self.init(key, .bool, [value ? 1 : 0]) }

  package init(_ key: String, _ value: String) { self.init(key, .text, Self.text(value)) }

  package init(_ key: String, _ values: [Int32]) {
    self.init(key, of: .int32, values) { UInt32(bitPattern: $0).littleEndianBytes }
  }

  package init(_ key: String, _ values: [Float]) {
    self.init(key, of: .float32, values) { $0.bitPattern.littleEndianBytes }
  }

  package init(_ key: String, _ values: [String]) { self.init(key, of: .text, values, Self.text) }

  private init<Value>(
    _ key: String, of type: GGUFValueType, _ values: [Value], _ bytes: (Value) -> [UInt8]
  ) {
    self.init(
      key, .array,
      type.rawValue.littleEndianBytes + UInt64(values.count).littleEndianBytes + values.flatMap(bytes))
  }

  /// The bytes of a text: its length, then UTF-8.
  static func text(_ text: String) -> [UInt8] {
    UInt64(text.utf8.count).littleEndianBytes + Array(text.utf8)
  }
}

extension FixedWidthInteger {
  var littleEndianBytes: [UInt8] {
    (0..<Self.bitWidth / 8).map { UInt8(truncatingIfNeeded: self >> Self(8 * $0)) }
  }
}
