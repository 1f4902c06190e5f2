import TestSupport

/// A GGUF file, put together from its parts.
struct GGUFBytes {
  struct Tensor {
    var name: String
    /// As in the file: the fastest dimension first.
    var dimensions: [Int]
    var type: UInt32
    var offset: Int
  }

  var version: UInt32 = 3
  var tensorCount: Int?
  var keyCount: Int?
  /// Each key with the number of its type and its bytes.
  var keys: [(String, UInt32, [UInt8])] = []
  var tensors: [Tensor] = []
  var alignment = 32
  var data: [UInt8] = []

  var bytes: [UInt8] {
    var bytes = Array("GGUF".utf8) + Self.word(version)
    bytes += Self.long(tensorCount ?? tensors.count) + Self.long(keyCount ?? keys.count)
    for (name, type, value) in keys { bytes += Self.text(name) + Self.word(type) + value }
    for tensor in tensors {
      bytes += Self.text(tensor.name) + Self.word(UInt32(tensor.dimensions.count))
      bytes += tensor.dimensions.flatMap(Self.long) + Self.word(tensor.type) + Self.long(tensor.offset)
    }
    guard !data.isEmpty else { return bytes }
    return bytes + [UInt8](repeating: 0, count: (alignment - bytes.count % alignment) % alignment) + data
  }

  static func word(_ value: UInt32) -> [UInt8] { (0..<4).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) } }
  static func long(_ value: Int) -> [UInt8] { (0..<8).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) } }
  static func text(_ text: String) -> [UInt8] { long(text.utf8.count) + Array(text.utf8) }

  /// The key of a whole number of 32 bits.
  static func key(_ name: String, _ value: UInt32) -> (String, UInt32, [UInt8]) { (name, 4, word(value)) }
}
