public import HymbaConversion
import HymbaFormat
import HymbaModel

extension Reference {
  /// The names that a kept reference has for what are no tensors of it.
  static let recordName = "metadata.json"
  static let statisticsName = "statistics.json"

  /// Opens the reference that a container keeps. Nil where the checkpoint is none, or keeps none.
  ///
  /// - Throws: `FileDiagnosis` with ``VerificationError/keptReference(_:)`` for parts that cannot be read, and with
  ///   the errors of reading the container.
  public init?(keptWith model: OpenedModel) throws {
    guard let attached = model.attached, attached.hasProbes else { return nil }
    let container = FileSystem.name(of: attached.location)
    let (record, statistics) = try naming(attached.location) {
      let record = try Self.document(Self.recordName, in: attached).flatMap { ReferenceRecord($0) }
      return (record, try Self.statistics(in: attached))
    }
    self.init(
      name: "the reference in \(container)", source: try KeptProbes(attached), statistics: statistics,
      description: ReferenceDescription(
        name: container, isKept: true, isStatistics: !statistics.isEmpty,
        recordedBy: record?.author, file: record?.file))
  }

  private static func statistics(in attached: AttachedSource) throws -> [String: CaptureStatistics] {
    guard let document = try document(statisticsName, in: attached) else { return [:] }
    guard case .object(let members) = document else {
      throw VerificationError.keptReference("\(AttachmentName.probe(statisticsName)) is no object of captures")
    }
    var statistics: [String: CaptureStatistics] = [:]
    for (name, json) in members {
      guard let found = CaptureStatistics(json) else {
        throw VerificationError.keptReference(
          "\(AttachmentName.probe(statisticsName)) has no complete statistics of “\(name.printable)”")
      }
      statistics[name] = found
    }
    return statistics
  }

  /// A kept text in JSON; nil where there is none.
  private static func document(_ name: String, in attached: AttachedSource) throws -> JSONValue? {
    let name = AttachmentName.probe(name)
    guard let tensor = attached.tensors[name.text] else { return nil }
    guard tensor.type == .uint8, tensor.byteCount <= Limits.keptDocumentBytes else {
      throw VerificationError.keptReference("\(name) is no text, or too long")
    }
    let text = try attached.bytes(of: name) ?? []
    do {
      return try JSONValue(parsing: text)
    } catch {
      throw VerificationError.keptReference("\(name): \(error)")
    }
  }
}

extension Limits {
  /// Bytes of a text that belongs to a kept reference. Statistics of a few hundred captures of 4096 positions have
  /// fewer.
  static let keptDocumentBytes = 64 << 20
}

/// The tensors of a reference that a container keeps, under the names that they had in their file.
private struct KeptProbes: CheckpointSource {
  let tensors: TensorTable
  private let attached: AttachedSource
  var location: String { attached.location }
  var files: [SourceFile] { attached.files }

  init(_ attached: AttachedSource) throws(FormatError) {
    self.attached = attached
    var tensors: [TensorDescriptor] = []
    for tensor in attached.tensors {
      guard case .probe(let name)? = AttachmentName(tensor.name),
        ![Reference.recordName, Reference.statisticsName].contains(name)
      else { continue }
      tensors.append(try TensorDescriptor(name: name, type: tensor.type, shape: tensor.shape))
    }
    self.tensors = try TensorTable(tensors)
  }

  private func original(_ tensor: TensorDescriptor) throws(FormatError) -> TensorDescriptor {
    guard let own = attached.tensors[AttachmentName.probe(tensor.name).text] else {
      throw .noSuchTensor(tensor.name)
    }
    return own
  }

  func reading(of tensor: TensorDescriptor, _ purpose: ReadingPurpose) throws -> any TensorReading {
    RenamedReading(try attached.reading(of: original(tensor), purpose), as: tensor)
  }

  func read(
    _ tensor: TensorDescriptor, from offset: Int, into buffer: inout MutableRawSpan
  ) throws {
    try attached.read(original(tensor), from: offset, into: &buffer)
  }
}
