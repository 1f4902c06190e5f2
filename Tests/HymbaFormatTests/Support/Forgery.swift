@testable import HymbaFormat

/// A container written by hand, with the right digest of whatever manifest it is given.
struct Forgery {
  struct Entry {
    var name: String
    var dtype = "U8"
    var shape: [Int]
    var bytes: [UInt8]

    init(_ name: String, _ dtype: String = "U8", _ shape: [Int]? = nil, bytes: [UInt8]) {
      self.name = name
      self.dtype = dtype
      self.shape = shape ?? [bytes.count]
      self.bytes = bytes
    }
  }

  var entries: [Entry]
  var manifest: String
  var version = "1.0"
  /// Further members of `__metadata__`.
  var metadata: [(String, String)] = []
  /// Bytes of the header, padding included.
  var headerLength = 1016

  var bytes: [UInt8] {
    let text = Array(manifest.utf8)
    // A manifest without its frame fails the test.
    return bytes(manifest: version.hasPrefix("2") ? (try? ManifestFrame.encode(text)) ?? text : text)
  }

  /// The file with these bytes as the entry `hymba.manifest`.
  func bytes(manifest stored: [UInt8]) -> [UInt8] {
    let digest = SHA256Digest(of: stored)
    var members = [
      ("format", "hymba"), ("hymba.version", version), ("hymba.manifest.sha256", "\(digest)"),
    ]
    members += metadata
    var lines = [
      "\"__metadata__\":{" + members.map { "\"\($0)\":\"\($1)\"" }.joined(separator: ",") + "}"
    ]
    var data: [UInt8] = []
    for entry in entries + [Entry("hymba.manifest", bytes: stored)] {
      let shape = entry.shape.map(String.init).joined(separator: ",")
      let end = data.count + entry.bytes.count
      lines.append(
        "\"\(entry.name)\":{\"dtype\":\"\(entry.dtype)\",\"shape\":[\(shape)],\"data_offsets\":[\(data.count),\(end)]}"
      )
      data += entry.bytes
    }
    let text = "{" + lines.joined(separator: ",") + "}"
    return safetensors(
      text + String(repeating: " ", count: max(0, headerLength - text.utf8.count)), data)
  }

  /// The keys that every manifest has, and these tensors and aliases.
  static func manifest(
    tensors: String, aliases: String = "[]", version: String = "1.0", more: String = ""
  ) -> String {
    """
    {"formatVersion":"\(version)","creator":"a test","headerLength":1016,"architecture":null,\
    "layout":{"name":"verbatim","variant":null},"source":{"configuration":null,"metadata":{},"files":[]},\
    "assumptions":[],"tensors":\(tensors),"aliases":\(aliases),"carried":[],"probes":[]\(more)}
    """
  }

  /// A line of `tensors`. The digests are those of no bytes unless others are given.
  static func tensor(
    _ name: String, dtype: String = "U8", shape: String = "[0]",
    encoding: String = "\"encoding\":\"raw\"",
    sha256: String = emptySHA256, entry: String? = nil, xxh3: String = emptyXXH3, more: String = ""
  ) -> String {
    """
    {"name":"\(name)","dtype":"\(dtype)","shape":\(shape),\(encoding),"sha256":"\(sha256)",\
    "entry":"\(entry ?? name)","xxh3":"\(xxh3)"\(more)}
    """
  }

  /// The XXH3 of bytes, for stored bytes that are as they were written.
  static func xxh3(of bytes: [UInt8]) throws -> String {
    var hasher = try XXH3Hasher()
    hasher.update(bytes.raw)
    return "\(hasher.finalize())"
  }

  /// FIPS 180-4 of the empty message.
  static let emptySHA256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
  /// The specification of XXH3 gives it for the empty input and seed 0.
  static let emptyXXH3 = "99aa06d3014798d86001c324468d497f"
}
