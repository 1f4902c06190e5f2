/// What the manifest of a container says about its base: the container of which it stores only the differences.
public struct BaseRecord: Sendable, Equatable {
  /// The fingerprint of the base's tensors. A file with another fingerprint is another base.
  public var fingerprint: SHA256Digest
  /// The name of the base's file, which is looked for beside the container.
  public var file: String
  /// The bytes of the base's file when the container was written.
  public var bytes: Int
  /// The tensors that are equal to those of the same names in the base. No bytes of them are stored.
  public var tensors: [BaseTensor]
}

/// A tensor that is equal to the base's tensor of the same name.
public struct BaseTensor: Sendable, Equatable {
  public var descriptor: TensorDescriptor
  /// The SHA-256 of the logical bytes, which the base's tensor has, too.
  public var sha256: SHA256Digest
}

extension BaseRecord {
  /// - Throws: ``FormatError/manifestInvalid(_:)``, and the errors of a tensor's name or shape.
  init(from reader: inout JSONReader) throws(FormatError) {
    var fingerprint: String?
    var file: String?
    var bytes: Int?
    var tensors: [BaseTensor] = []
    try reader.readObject { reader, key throws(FormatError) in
      switch key {
      case "fingerprint": fingerprint = try reader.readString()
      case "file": file = try reader.readString()
      case "bytes": bytes = try reader.readInteger()
      case "tensors":
        tensors = try reader.readList { r throws(FormatError) in try BaseTensor(from: &r) }
      default: try reader.skipValue()
      }
    }
    guard let fingerprint = fingerprint.flatMap(SHA256Digest.init) else {
      throw .manifestInvalid("its base has no valid fingerprint")
    }
    guard let file, AttachmentName.isFileName(file) else {
      throw .manifestInvalid("its base has no valid file name")
    }
    guard let bytes, bytes >= 0 else { throw .manifestInvalid("its base has no valid bytes") }
    self.init(fingerprint: fingerprint, file: file, bytes: bytes, tensors: tensors)
  }

  func write(to writer: inout JSONWriter) {
    writer.object { writer in
      writer.member("fingerprint", "\(fingerprint)")
      writer.member("file", file)
      writer.member("bytes", bytes)
      writer.key("tensors")
      writer.array { writer in for tensor in tensors { tensor.write(to: &writer) } }
    }
  }
}

extension BaseTensor {
  fileprivate init(from reader: inout JSONReader) throws(FormatError) {
    var name = ""
    var typeName: String?
    var dimensions: [Int]?
    var digest: String?
    try reader.readObject { reader, key throws(FormatError) in
      switch key {
      case "name": name = try reader.readString()
      case "dtype": typeName = try reader.readString()
      case "shape": dimensions = try reader.readDimensions()
      case "sha256": digest = try reader.readString()
      default: try reader.skipValue()
      }
    }
    func invalid(_ what: String) -> FormatError {
      .manifestInvalid("the tensor “\(name.printable)” of its base has no valid \(what)")
    }
    guard let type = typeName.flatMap({ ElementType(rawValue: $0) }) else { throw invalid("dtype") }
    guard let dimensions else { throw invalid("shape") }
    guard let sha256 = digest.flatMap(SHA256Digest.init) else { throw invalid("sha256") }
    self.init(
      descriptor: try TensorDescriptor(name: name, type: type, dimensions: dimensions), sha256: sha256)
  }

  fileprivate func write(to writer: inout JSONWriter) {
    writer.object { writer in
      writer.member("name", descriptor.name)
      writer.member("dtype", descriptor.type.rawValue)
      writer.key("shape")
      writer.integers(descriptor.shape.dimensions)
      writer.member("sha256", "\(sha256)")
    }
  }
}
