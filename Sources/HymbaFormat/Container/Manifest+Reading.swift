extension Manifest {
  /// Parses a manifest. Unknown keys are minor additions and are ignored.
  /// - Throws: ``FormatError/newerMajorVersion(_:)``, ``FormatError/manifestInvalid(_:)``, and
  ///   ``FormatError/invalidName(_:_:)`` or ``FormatError/invalidShape(_:_:)`` for a tensor.
  init(json: [UInt8]) throws(FormatError) {
    do throws(FormatError) {
      try self.init(parsing: json)
    } catch .json(let problem, let offset) {
      throw .manifestInvalid("\(problem) at byte \(offset)")
    }
  }

  private init(parsing json: [UInt8]) throws(FormatError) {
    var version: String?
    var creator: String?
    var headerLength: Int?
    var description = CheckpointDescription(
      architecture: nil, layout: .verbatim, configuration: nil, metadata: [:], files: [],
      assumptions: [], carried: [])
    var hasLayout = false
    var tensors: [StoredTensor]?
    var aliases: [TensorAlias] = []
    var attachments: [StoredTensor] = []
    var part: ContainerPart?
    var base: BaseRecord?

    var reader = try JSONReader(json)
    try reader.readObject { reader, key throws(FormatError) in
      switch key {
      case "formatVersion": version = try reader.readString()
      case "creator": creator = try reader.readString()
      case "headerLength": headerLength = try reader.readInteger()
      case "architecture":
        description.architecture = try reader.readOptional { reader throws(FormatError) in
          guard try reader.peek() == .object else {
            throw .manifestInvalid("its architecture is neither an object nor null")
          }
          return try reader.readRawValue()
        }
      case "layout":
        description.layout = try LayoutReference(from: &reader)
        hasLayout = true
      case "source": try description.readSource(from: &reader)
      case "assumptions": description.assumptions = try reader.readStrings()
      case "tensors":
        tensors = try reader.readList { r throws(FormatError) in try StoredTensor(from: &r, .tensor) }
      case "aliases":
        aliases = try reader.readList { r throws(FormatError) in try TensorAlias(from: &r) }
      case "attachments":
        try reader.readArray { r throws(FormatError) in
          guard attachments.count < Limits.attachments else {
            throw .manifestInvalid("it lists more than \(Limits.attachments) attachments")
          }
          attachments.append(try StoredTensor(from: &r, .attachment))
        }
      case "part": part = try ContainerPart(from: &reader)
      case "base": base = try BaseRecord(from: &reader)
      case "carried": description.carried = try reader.readStrings()
      case "probes":
        // The key is reserved. Its elements are skipped.
        try reader.readArray { reader throws(FormatError) in try reader.skipValue() }
      default: try reader.skipValue()
      }
    }
    try reader.finish()

    try Self.checkVersion(version ?? "")
    guard let creator, let headerLength, let tensors, hasLayout else {
      throw .manifestInvalid("it lacks one of creator, headerLength, layout and tensors")
    }
    self.init(
      formatVersion: version ?? "", headerLength: headerLength, creator: creator,
      description: description, tensors: tensors,
      aliases: aliases, attachments: attachments, part: part, base: base)
    guard part == nil || mayBePart else {
      throw .manifestInvalid("it is of version \(formatVersion.printable), and parts came with \(Self.fifthVersion)")
    }
  }

  /// Checks the format version. A reader accepts its own major version and older ones, with every minor version.
  /// - Throws: ``FormatError/newerMajorVersion(_:)``, ``FormatError/manifestInvalid(_:)``.
  static func checkVersion(_ version: String) throws(FormatError) {
    let parts = version.split(separator: ".", omittingEmptySubsequences: false)
    let areDigits = parts.allSatisfy { part in
      part.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    }
    guard areDigits, parts.count == 2, let major = Int(parts[0]), Int(parts[1]) != nil, major > 0
    else {
      throw .manifestInvalid("the format version “\(version.printable)” is not MAJOR.MINOR")
    }
    guard major <= majorVersion else { throw .newerMajorVersion(version) }
  }
}

extension LayoutReference {
  fileprivate init(from reader: inout JSONReader) throws(FormatError) {
    var name: String?
    var text: String?
    var names: NameVariant?
    try reader.readObject { reader, key throws(FormatError) in
      switch key {
      case "name": name = try reader.readString()
      case "variant":
        text = try reader.readOptional { reader throws(FormatError) in try reader.readString() }
      case "names":
        names = try reader.readOptional { reader throws(FormatError) in
          try NameVariant(from: &reader)
        }
      default: try reader.skipValue()
      }
    }
    guard let name else { throw .manifestInvalid("its layout has no name") }
    guard text != "" else { throw .manifestInvalid("the variant of its layout is empty") }
    // Containers of version 1.1 and older have only the sentence.
    self.init(name: name, variant: names ?? NameVariant(olderText: text ?? ""))
  }
}

extension CheckpointDescription {
  fileprivate mutating func readSource(from reader: inout JSONReader) throws(FormatError) {
    try reader.readObject { reader, key throws(FormatError) in
      switch key {
      case "configuration":
        configuration = try reader.readOptional { reader throws(FormatError) in
          let fields = try reader.readStringFields(["origin", "text"])
          return ConfigurationDocument(origin: fields[0], text: fields[1])
        }
      case "metadata":
        try reader.readObject { reader, key throws(FormatError) in
          metadata[key] = try reader.readString()
        }
      case "files":
        files = try reader.readList { reader throws(FormatError) in try SourceFile(from: &reader) }
      default: try reader.skipValue()
      }
    }
  }
}

extension SourceFile {
  fileprivate init(from reader: inout JSONReader) throws(FormatError) {
    var name: String?
    var bytes: Int?
    try reader.readObject { reader, key throws(FormatError) in
      switch key {
      case "name": name = try reader.readString()
      case "bytes": bytes = try reader.readInteger()
      default: try reader.skipValue()
      }
    }
    guard let name, let bytes, bytes >= 0 else {
      throw .manifestInvalid("a file of its source has no valid \(name == nil ? "name" : "bytes")")
    }
    self.init(name: name, bytes: bytes)
  }
}

extension TensorAlias {
  fileprivate init(from reader: inout JSONReader) throws(FormatError) {
    let fields = try reader.readStringFields(["name", "of"])
    self.init(name: fields[0], of: fields[1])
  }
}

extension StoredTensor {
  /// - Parameter role: What the manifest lists, for messages.
  fileprivate init(from reader: inout JSONReader, _ role: Role) throws(FormatError) {
    // There is one variable for each member: a dictionary for each of a hundred thousand tensors would be slow.
    var name = ""
    var typeName: String?
    var encodingName: String?
    var logicalDigest: String?
    var storedDigest: String?
    var entryName: String?
    var dimensions: [Int]?
    var chunkElements: Int?
    try reader.readObject { reader, key throws(FormatError) in
      switch key {
      case "name": name = try reader.readString()
      case "dtype": typeName = try reader.readString()
      case "encoding": encodingName = try reader.readString()
      case "sha256": logicalDigest = try reader.readString()
      case "xxh3": storedDigest = try reader.readString()
      case "entry": entryName = try reader.readString()
      case "shape": dimensions = try reader.readDimensions()
      case "chunkElements": chunkElements = try reader.readInteger()
      default: try reader.skipValue()
      }
    }
    func invalid(_ what: String) -> FormatError {
      .manifestInvalid("the \(role.rawValue) “\(name.printable)” has no valid \(what)")
    }
    guard let typeName, let type = ElementType(rawValue: typeName) else {
      throw invalid("dtype")
    }
    guard let dimensions else { throw invalid("shape") }
    guard let encoding = encodingName.flatMap(Encoding.init) else {
      throw invalid("encoding")
    }
    guard let sha256 = logicalDigest.flatMap(SHA256Digest.init) else { throw invalid("sha256") }
    guard let xxh3 = storedDigest.flatMap(XXH3Digest.init) else { throw invalid("xxh3") }
    guard let entry = entryName,
      entry.utf8.elementsEqual(StoredTensor.entryName(of: name, encoding).utf8)
    else { throw invalid("entry") }
    let descriptor = try role.descriptor(name, type, dimensions)
    switch encoding {
    case .raw: guard chunkElements == nil else { throw invalid("encoding") }
    case .zstd:
      guard let chunkElements, (1...Limits.chunkElements).contains(chunkElements),
        descriptor.byteCount > 0, descriptor.shape.rank > 0, !type.isOpaque
      else { throw invalid("chunkElements") }
    case .delta:
      // The chunks have one size, so that those of a tensor and of its base begin at the same elements.
      guard chunkElements == SectionGeometry.chunkElements, descriptor.byteCount > 0,
        descriptor.shape.rank > 0, !type.isOpaque
      else { throw invalid("chunkElements") }
    }
    self.init(
      descriptor: descriptor, encoding: encoding, chunkElements: chunkElements, sha256: sha256,
      // Both texts are the same for a raw tensor. They share one copy in memory.
      entry: encoding == .raw ? name : entry, xxh3: xxh3)
  }
}

extension StoredTensor.Role {
  /// - Throws: ``FormatError/invalidName(_:_:)`` and ``FormatError/invalidShape(_:_:)`` for a tensor,
  ///   ``FormatError/manifestInvalid(_:)`` for an attachment.
  fileprivate func descriptor(
    _ name: String, _ type: ElementType, _ dimensions: [Int]
  ) throws(FormatError) -> TensorDescriptor {
    guard self == .attachment else {
      return try TensorDescriptor(name: name, type: type, dimensions: dimensions)
    }
    do throws(FormatError) {
      return try TensorDescriptor(name: name, type: type, shape: Shape(dimensions))
    } catch {
      switch error {
      case .invalidShape(_, let why):
        throw .manifestInvalid("the attachment “\(name.printable)” has a shape that \(why)")
      case .invalidName(let name, let why):
        throw .manifestInvalid("the attachment name “\(name.printable)” \(why)")
      default: throw error
      }
    }
  }
}

extension JSONReader {
  /// Reads a value with `read`.
  /// - Returns: Nil where the JSON has null.
  mutating func readOptional<Value>(
    _ read: (inout JSONReader) throws(FormatError) -> Value
  ) throws(FormatError) -> Value? {
    guard try peek() == .null else { return try read(&self) }
    try readNull()
    return nil
  }

  mutating func readList<Value>(
    _ read: (inout JSONReader) throws(FormatError) -> Value
  ) throws(FormatError) -> [Value] {
    var values: [Value] = []
    try readArray { reader throws(FormatError) in values.append(try read(&reader)) }
    return values
  }

  mutating func readStrings() throws(FormatError) -> [String] {
    try readList { reader throws(FormatError) in try reader.readString() }
  }

  /// Reads an object and returns its string members `names`, in that order. Each of them must be there; other
  /// members are skipped.
  /// - Throws: ``FormatError/manifestInvalid(_:)`` for a missing member, ``FormatError/json(_:offset:)``.
  mutating func readStringFields(_ names: [String]) throws(FormatError) -> [String] {
    var found: [String: String] = [:]
    try readObject { reader, key throws(FormatError) in
      if names.contains(key) {
        found[key] = try reader.readString()
      } else {
        try reader.skipValue()
      }
    }
    var values: [String] = []
    for name in names {
      guard let value = found[name] else { throw .manifestInvalid("an object lacks “\(name)”") }
      values.append(value)
    }
    return values
  }
}
