import CCrypto

/// A SHA-256 digest.
public struct SHA256Digest: Hashable, Sendable, CustomStringConvertible {
  private let bytes: [UInt8]

  /// The digest of `data`.
  public init(of data: [UInt8]) {
    var hasher = SHA256Hasher()
    hasher.update(data.raw)
    self = hasher.finalize()
  }

  /// Parses 64 lower-case hexadecimal digits; nil for anything else.
  public init?(hexadecimal: String) {
    guard let bytes = [UInt8](hexadecimal: hexadecimal), bytes.count == 32 else { return nil }
    self.bytes = bytes
  }

  fileprivate init(bytes: [UInt8]) { self.bytes = bytes }

  /// The digest as 64 lower-case hexadecimal digits.
  public var description: String { bytes.hexadecimal }
}

/// Computes SHA-256 over data that comes in pieces. It uses OpenSSL, which uses the processor's instructions
/// for it.
package struct SHA256Hasher: Sendable {
  private var state = SHA256_CTX()

  package init() { unsafe SHA256_Init(&state) }

  package mutating func update(_ data: RawSpan) {
    unsafe data.withUnsafeBytes { bytes in
      _ = unsafe SHA256_Update(&state, bytes.baseAddress, bytes.count)
    }
  }

  /// The digest of all data since the last call of `finalize`.
  package mutating func finalize() -> SHA256Digest {
    var digest = [UInt8](repeating: 0, count: Int(SHA256_DIGEST_LENGTH))
    unsafe digest.withUnsafeMutableBufferPointer {
      _ = unsafe SHA256_Final($0.baseAddress, &state)
    }
    self = SHA256Hasher()
    return SHA256Digest(bytes: digest)
  }
}

extension [UInt8] {
  /// The bytes as lower-case hexadecimal digits, two for each byte.
  var hexadecimal: String {
    let digits = Array<UInt8>("0123456789abcdef".utf8)
    return String(
      decoding: flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
  }

  /// Parses lower-case hexadecimal digits, two for each byte; nil for anything else.
  init?(hexadecimal: String) {
    let text = Array<UInt8>(hexadecimal.utf8)
    guard text.count % 2 == 0 else { return nil }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(text.count / 2)
    for position in stride(from: 0, to: text.count, by: 2) {
      guard let high = Self.digit(text[position]), let low = Self.digit(text[position + 1]) else {
        return nil
      }
      bytes.append(high << 4 | low)
    }
    self = bytes
  }

  private static func digit(_ character: UInt8) -> UInt8? {
    switch character {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): character - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): character - UInt8(ascii: "a") + 10
    default: nil
    }
  }
}
