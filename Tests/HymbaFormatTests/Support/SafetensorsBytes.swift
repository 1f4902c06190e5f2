/// A number as bytes, the least significant first.
func littleEndianBytes(_ value: UInt64, count: Int) -> [UInt8] {
  (0..<count).map { UInt8(truncatingIfNeeded: value >> UInt64(8 * $0)) }
}

/// A safetensors file of a header and its data.
func safetensors(_ header: String, _ data: [UInt8] = []) -> [UInt8] {
  littleEndianBytes(UInt64(header.utf8.count), count: 8) + Array(header.utf8) + data
}

/// Where the data of a safetensors file begins, from its first eight bytes.
func dataOffset(_ file: [UInt8]) -> Int {
  8 + file[..<8].reversed().reduce(0) { $0 << 8 | Int($1) }
}

/// The header of a safetensors file as text, padding included.
func headerText(_ file: [UInt8]) -> String {
  String(decoding: file[8..<dataOffset(file)], as: UTF8.self)
}
