/// The file that lists the parts of a model. The schema is `Schemas/parts.schema.json`.
package struct PartIndex: Sendable, Equatable {
  package struct Part: Sendable, Equatable {
    /// The bytes of the file.
    package let bytes: Int
    /// The number of logical tensors in it.
    package let tensors: Int
    /// The SHA-256 of the part's manifest. As the manifest has the digests of all tensors, it stands for them, too.
    package let manifest: SHA256Digest
  }

  package let formatVersion: String
  /// The digest of the plan that all parts have.
  package let plan: SHA256Digest
  /// The number of logical tensors of the model.
  package let tensors: Int
  /// The bytes of these tensors, as they are when they are decoded.
  package let bytes: Int
  /// The fingerprint of the model.
  package let fingerprint: SHA256Digest
  /// The parts in order.
  package let parts: [Part]

  /// The index of a model that is open.
  init(_ whole: ContainerSource, plan: SHA256Digest) throws(FormatError) {
    var parts: [Part] = []
    for part in whole.parts { parts.append(try Part(part)) }
    self.formatVersion = Manifest.fifthVersion
    self.plan = plan
    self.tensors = whole.tensors.count
    self.bytes = whole.tensors.totalBytes
    self.fingerprint = whole.fingerprint
    self.parts = parts
  }
}

extension PartIndex.Part {
  /// - Throws: ``FormatError/containerHeader(_:)`` for a header whose digest is none.
  init(_ file: ContainerFile) throws(FormatError) {
    guard let digest = SHA256Digest(hexadecimal: file.frame.manifestDigest) else {
      throw .containerHeader("its “\(ContainerHeader.digestKey)” is no SHA-256")
    }
    self.init(bytes: file.file.byteCount, tensors: file.tensors.count, manifest: digest)
  }
}

// MARK: - As JSON

extension PartIndex {
  private static let format = "hymba parts"

  /// The JSON text, with a part on each line.
  var json: [UInt8] {
    var writer = JSONWriter()
    writer.object { writer in
      writer.member("format", Self.format)
      writer.member("formatVersion", formatVersion)
      writer.member("plan", "\(plan)")
      writer.member("tensors", tensors)
      writer.member("bytes", bytes)
      writer.member("fingerprint", "\(fingerprint)")
      writer.key("parts")
      writer.array { writer in
        for (index, part) in parts.enumerated() {
          writer.object { writer in
            writer.member("file", PartName(number: index + 1, count: parts.count).text)
            writer.member("bytes", part.bytes)
            writer.member("tensors", part.tensors)
            writer.member("manifest", "\(part.manifest)")
          }
        }
      }
    }
    return writer.text + [UInt8(ascii: "\n")]
  }

  /// Reads the index at `path`.
  /// - Throws: ``FormatError/indexInvalid(_:)``, ``FormatError/newerMajorVersion(_:)``, and the errors of reading the
  ///   file.
  package init(reading path: String) throws(FormatError) {
    try self.init(json: InputFile.contents(of: path, limit: Limits.partIndexBytes))
  }

  /// - Throws: ``FormatError/json(_:offset:)``, ``FormatError/indexInvalid(_:)``,
  ///   ``FormatError/newerMajorVersion(_:)``.
  init(json: [UInt8]) throws(FormatError) {
    var (format, version): (String?, String?)
    var (tensors, bytes) = (-1, -1)
    var (plan, fingerprint): (SHA256Digest?, SHA256Digest?)
    var parts: [(file: String, part: Part)] = []
    var reader = try JSONReader(json)
    try reader.readObject { reader, key throws(FormatError) in
      switch key {
      case "format": format = try reader.readString()
      case "formatVersion": version = try reader.readString()
      case "plan": plan = SHA256Digest(hexadecimal: try reader.readString())
      case "tensors": tensors = try reader.readInteger()
      case "bytes": bytes = try reader.readInteger()
      case "fingerprint": fingerprint = SHA256Digest(hexadecimal: try reader.readString())
      case "parts":
        try reader.readArray { reader throws(FormatError) in
          guard parts.count < Limits.parts else {
            throw .indexInvalid("it lists more than \(Limits.parts) parts")
          }
          parts.append(try Part.read(from: &reader, number: parts.count + 1))
        }
      default: try reader.skipValue()
      }
    }
    try reader.finish()
    guard format == Self.format else { throw .indexInvalid("its format is not “\(Self.format)”") }
    guard let version else { throw .indexInvalid("it has no formatVersion") }
    do throws(FormatError) {
      try Manifest.checkVersion(version)
    } catch .manifestInvalid(let why) { throw .indexInvalid(why) }
    guard let plan else { throw .indexInvalid("it has no valid plan") }
    guard let fingerprint else { throw .indexInvalid("it has no valid fingerprint") }
    guard tensors >= 0, (0...Limits.totalBytes).contains(bytes) else {
      throw .indexInvalid("it has no valid \(tensors < 0 ? "tensors" : "bytes")")
    }
    guard !parts.isEmpty else { throw .indexInvalid("it lists no parts") }
    for (index, part) in parts.enumerated() {
      let name = PartName(number: index + 1, count: parts.count).text
      guard part.file.utf8.elementsEqual(name.utf8) else {
        throw .indexInvalid(
          "it names the file “\(part.file.printable)” where only “\(name)” can be")
      }
    }
    self.formatVersion = version
    self.plan = plan
    self.tensors = tensors
    self.bytes = bytes
    self.fingerprint = fingerprint
    self.parts = parts.map(\.part)
  }
}

extension PartIndex.Part {
  fileprivate static func read(
    from reader: inout JSONReader, number: Int
  ) throws(FormatError) -> (file: String, part: PartIndex.Part) {
    var file: String?
    var (bytes, tensors) = (-1, -1)
    var manifest: SHA256Digest?
    try reader.readObject { reader, key throws(FormatError) in
      switch key {
      case "file": file = try reader.readString()
      case "bytes": bytes = try reader.readInteger()
      case "tensors": tensors = try reader.readInteger()
      case "manifest": manifest = SHA256Digest(hexadecimal: try reader.readString())
      default: try reader.skipValue()
      }
    }
    guard let file, let manifest, bytes >= 0, tensors >= 0 else {
      throw .indexInvalid("part \(number) lacks a valid file, bytes, tensors or manifest")
    }
    return (file, PartIndex.Part(bytes: bytes, tensors: tensors, manifest: manifest))
  }
}
