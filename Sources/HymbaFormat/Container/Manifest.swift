/// The description of a container: everything that is not tensor data.
public struct Manifest: Sendable {
  public var formatVersion = Manifest.firstVersion
  /// The bytes of the header's JSON text, padding included.
  public var headerLength: Int
  public var creator: String
  public var description: CheckpointDescription
  public var tensors: [StoredTensor]
  public var aliases: [TensorAlias]
  /// What is kept beside the tensors and is no weight, in the order of the buffer.
  package var attachments: [StoredTensor] = []
  /// What the manifest of a part says about its model; nil for a container by itself.
  package var part: ContainerPart?
  /// The container from which tensors are taken or differ; nil for a container that stands alone.
  public var base: BaseRecord?

  /// Everything that is stored: the tensors, then the attachments.
  var stored: [StoredTensor] { attachments.isEmpty ? tensors : tensors + attachments }

  /// The name of the entry that holds the manifest.
  static let entryName = "hymba.manifest"
}

/// The description of a checkpoint, apart from its tensors.
public struct CheckpointDescription: Sendable, Equatable {
  /// The JSON text of the `Architecture`; nil for a checkpoint that is kept verbatim.
  public var architecture: [UInt8]?
  /// The layout of the source.
  public var layout: LayoutReference
  /// The source's configuration, verbatim.
  public var configuration: ConfigurationDocument?
  /// The string metadata of the source.
  public var metadata: NameTable<String>
  public var files: [SourceFile]
  /// Facts that no file stated and that were assumed, one sentence each.
  public var assumptions: [String]
  /// The names of tensors that the source has and the model never uses. They are kept for a later export.
  public var carried: [String]

  public init(
    architecture: [UInt8]?, layout: LayoutReference, configuration: ConfigurationDocument?,
    metadata: NameTable<String>, files: [SourceFile], assumptions: [String], carried: [String]
  ) {
    self.architecture = architecture
    self.layout = layout
    self.configuration = configuration
    self.metadata = metadata
    self.files = files
    self.assumptions = assumptions
    self.carried = carried
  }
}

/// The name of a layout, and the variant of it that a checkpoint has.
public struct LayoutReference: Hashable, Sendable, Encodable {
  public var name: String
  /// How the checkpoint's names differ from the layout's.
  public var variant: NameVariant

  public init(name: String, variant: NameVariant = NameVariant()) {
    self.name = name
    self.variant = variant
  }

  private enum Key: String, CodingKey { case name, variant }

  /// Encodes the name, and the variant as a sentence for people.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    try container.encode(name, forKey: .name)
    try container.encode(variant.text, forKey: .variant)
  }

  /// The reference for a checkpoint that keeps its own names and is of no known model.
  public static let verbatim = LayoutReference(name: "verbatim")
}

/// A tensor whose bytes the container stores.
public struct StoredTensor: Sendable, Equatable {
  public enum Encoding: String, Sendable {
    /// The logical bytes as they are.
    case raw
    /// A section: the logical bytes in planes, compressed.
    case zstd
    /// A section: the elements that differ from those of the base's tensor, each by its distance from the base's.
    case delta
  }

  /// What is stored, by the word for it in messages.
  enum Role: String, Sendable { case tensor, attachment }

  public var descriptor: TensorDescriptor
  public var encoding: Encoding
  /// The number of elements in a full chunk; nil for raw tensors.
  public var chunkElements: Int?
  /// The SHA-256 of the logical (decoded) bytes.
  public var sha256: SHA256Digest
  /// The name of the header's entry that holds the stored bytes.
  public var entry: String
  /// The XXH3-128 of the stored bytes.
  public var xxh3: XXH3Digest

  static let sectionSuffix = "@zstd"
  static let differenceSuffix = "@delta"

  static func entryName(of tensor: String, _ encoding: Encoding) -> String {
    switch encoding {
    case .raw: tensor
    case .zstd: tensor + sectionSuffix
    case .delta: tensor + differenceSuffix
    }
  }

  /// The chunks and frames of the section; nil for raw tensors.
  var geometry: SectionGeometry? {
    chunkElements.map {
      SectionGeometry(
        type: descriptor.type, elementCount: descriptor.shape.elementCount, chunkElements: $0,
        holdsDifferences: encoding == .delta)
    }
  }
}

extension String {
  /// Whether no tensor of a container may have this name: it is the name of an entry that the container has
  /// itself, or it cannot be printed.
  var isReserved: Bool {
    [SafetensorsWriter.metadataKey, Manifest.entryName].contains { NameKey($0) == NameKey(self) }
      || hasControlCharacters
  }
}

/// A tensor whose bytes are stored under another tensor's name.
public struct TensorAlias: Sendable, Equatable {
  public var name: String
  public var of: String
}

extension Manifest {
  /// All logical tensors: the stored ones, then the aliases, then those that are equal to the base's.
  /// - Throws: ``FormatError/manifestInvalid(_:)`` when an alias names no stored tensor or a name is reserved,
  ///   ``FormatError/duplicateName(_:)``, ``FormatError/invalidName(_:_:)``,
  ///   ``FormatError/invalidShape(_:_:)``.
  func logicalTensors() throws(FormatError) -> TensorTable {
    let stored = try TensorTable(tensors.map(\.descriptor))
    var logical = Array(stored)
    for alias in aliases {
      guard let target = stored[alias.of] else {
        throw .manifestInvalid(
          "“\(alias.name.printable)” is an alias of “\(alias.of.printable)”, which is not stored")
      }
      logical.append(
        try TensorDescriptor(name: alias.name, type: target.type, shape: target.shape))
    }
    logical += base?.tensors.map(\.descriptor) ?? []
    if let tensor = logical.first(where: \.name.isReserved) {
      throw .manifestInvalid("the tensor name “\(tensor.name.printable)” is reserved")
    }
    return logical.count == stored.count ? stored : try TensorTable(logical)
  }

  /// The attachments, with everything checked that a reader must know before it reads or writes one of them.
  /// - Parameter tensors: The logical tensors.
  /// - Throws: ``FormatError/manifestInvalid(_:)`` for a name, a type, a number or a size that no attachment may
  ///   have, for a name that is listed twice, and for attachments in a file of an older version.
  func attachedTensors(beside tensors: TensorTable) throws(FormatError) -> TensorTable {
    let attached: TensorTable
    do throws(FormatError) {
      attached = try TensorTable(attachments.map(\.descriptor))
    } catch {
      switch error {
      case .duplicateName(let name):
        throw .manifestInvalid("the attachment “\(name.printable)” is listed twice")
      case .invalidShape:
        throw .manifestInvalid("its attachments have more than \(Limits.totalBytes) bytes")
      default: throw error
      }
    }
    guard attached.isEmpty || mayHaveAttachments else {
      throw .manifestInvalid(
        "it is of version \(formatVersion.printable), and attachments came with \(Self.fourthVersion)")
    }
    var (files, bytes) = (0, 0)
    for tensor in attached {
      let shown = "the attachment “\(tensor.name.printable)”"
      guard let name = AttachmentName(tensor.name) else {
        throw .manifestInvalid("\(shown) has a name that none may have")
      }
      guard tensors[tensor.name] == nil else {
        throw .manifestInvalid("\(shown) has the name of a tensor")
      }
      guard case .file = name else { continue }
      guard tensor.type == .uint8, tensor.shape.rank == 1 else {
        throw .manifestInvalid("\(shown) is a file and no list of bytes")
      }
      files += 1
      bytes += tensor.byteCount
      guard tensor.byteCount <= Limits.attachedFileBytes, files <= Limits.attachedFiles,
        bytes <= Limits.attachedFilesBytes
      else {
        throw .manifestInvalid("\(shown) brings the files inside beyond what is accepted")
      }
    }
    return attached
  }
}
