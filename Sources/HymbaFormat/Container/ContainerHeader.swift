/// The safetensors header of a container, as its manifest determines it.
struct ContainerHeader {
  /// The buffer starts at a multiple of this many bytes from the start of the file.
  static let alignment = 64

  static let formatKey = "format"
  static let formatName = "hymba"
  static let versionKey = "hymba.version"
  static let digestKey = "hymba.manifest.sha256"
  static let sourcePrefix = "source."

  /// One entry of the header. A raw tensor has its own type and shape; a section and the manifest are listed as
  /// vectors of bytes (`U8`).
  struct Entry {
    let name: String
    let type: ElementType
    let dimensions: [Int]
    let range: Range<Int>

    /// An entry as the header has it.
    init(_ tensor: TensorDescriptor, at range: Range<Int>) {
      self.name = tensor.name
      self.type = tensor.type
      self.dimensions = tensor.shape.dimensions
      self.range = range
    }

    init(name: String, bytes range: Range<Int>) {
      self.name = name
      self.type = .uint8
      self.dimensions = [range.count]
      self.range = range
    }

    init(_ tensor: TensorDescriptor, _ encoding: StoredTensor.Encoding, at range: Range<Int>) {
      self.name = StoredTensor.entryName(of: tensor.name, encoding)
      self.type = encoding == .raw ? tensor.type : .uint8
      self.dimensions = encoding == .raw ? tensor.shape.dimensions : [range.count]
      self.range = range
    }
  }

  var formatVersion: String
  /// The SHA-256 of the manifest's text, in hexadecimal digits.
  var manifestDigest: String
  /// The source's own metadata.
  var metadata: NameTable<String>
  /// The entries in the order of the buffer, the manifest last.
  var entries: [Entry]

  /// Puts further entries where their ranges belong among ``entries``.
  mutating func insert(_ others: [Entry]) {
    for other in others {
      let place = entries.firstIndex { $0.range.lowerBound >= other.range.upperBound }
      entries.insert(other, at: place ?? entries.endIndex)
    }
  }

  /// The JSON text, without padding.
  var text: [UInt8] {
    var writer = JSONWriter(expectedBytes: JSONWriter.bytes(ofEntries: entries.lazy.map(\.name)))
    writer.object { writer in
      writer.key("__metadata__")
      writer.object { writer in
        writer.member(Self.formatKey, Self.formatName)
        writer.member(Self.versionKey, formatVersion)
        writer.member(Self.digestKey, manifestDigest)
        for (key, value) in metadata.sorted {
          writer.member(Self.sourcePrefix + key, value)
        }
      }
      for entry in entries {
        writer.safetensorsEntry(
          entry.name, type: entry.type, dimensions: entry.dimensions,
          begin: entry.range.lowerBound, end: entry.range.upperBound)
      }
    }
    return writer.text
  }

  /// The bytes to reserve for the text before any offset is known. This is its length if every offset had the
  /// most digits, rounded up so that the buffer is aligned.
  /// - Parameter digits: The most digits of an offset, by default those of any number.
  static func reservedLength(
    for tensors: [(TensorDescriptor, StoredTensor.Encoding)], metadata: NameTable<String>, digits: Int = 19
  ) -> Int {
    // Both ends and the distance have these digits.
    let smallest = (1..<digits).reduce(1) { product, _ in product * 10 }
    let widest = smallest..<2 * smallest
    let header = ContainerHeader(
      formatVersion: Manifest.firstVersion, manifestDigest: String(repeating: "0", count: 64),
      metadata: metadata,
      entries: tensors.map { Entry($0.0, $0.1, at: widest) }
        + [Entry(name: Manifest.entryName, bytes: widest)])
    let unpadded = 8 + header.text.count
    return (unpadded + alignment - 1) / alignment * alignment - 8
  }
}
