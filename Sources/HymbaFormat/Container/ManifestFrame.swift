import Zstandard

/// The manifest of a file of version 2: one Zstandard frame of its JSON text. A file that holds only what differs from
/// another one may be smaller than the text.
enum ManifestFrame {
  /// - Throws: ``ZstandardError``.
  static func encode(_ text: [UInt8]) throws(ZstandardError) -> [UInt8] {
    var compressor = try Compressor()
    try compressor.set(.level(19))
    var frame = [UInt8](repeating: 0, count: Compressor.largestFrame(of: text.count))
    var size = 0
    try frame.withMutableBytes(0..<frame.count) { target throws(ZstandardError) in
      size = try compressor.compress(text.raw, into: &target)
    }
    return Array(frame[..<size])
  }

  /// - Parameter frame: The bytes of the manifest's entry.
  /// - Returns: The text, whose size was checked before any of it was decoded.
  /// - Throws: ``FormatError/manifestInvalid(_:)``.
  static func decode(_ frame: [UInt8]) throws(FormatError) -> [UInt8] {
    guard let size = Decompressor.contentBytes(of: frame.raw) else {
      throw .manifestInvalid("it is no Zstandard frame that says how many bytes it holds")
    }
    guard size <= Limits.manifestBytes, size <= Limits.unsuspiciousManifestBytes || size / Limits.expansionRatio <= frame.count
    else {
      throw .manifestInvalid("its frame of \(frame.count) bytes claims to hold \(size), which is more than is accepted")
    }
    do {
      var decompressor = try Decompressor()
      return try [UInt8](count: size) { bytes throws(ZstandardError) in
        try decompressor.decompress(frame.raw, into: &bytes)
      }
    } catch {
      throw .manifestInvalid("its frame does not decode: \(error)")
    }
  }
}

extension Limits {
  /// Up to this many bytes, a manifest is never refused as a bomb. Names and digests, which are most of it, do not become
  /// ``expansionRatio`` times smaller.
  static let unsuspiciousManifestBytes = 1 << 24
}
