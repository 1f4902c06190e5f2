import HymbaConversion
package import HymbaFormat
package import HymbaInspection
import HymbaModel

/// The parameters of a checkpoint. The schema of its JSON form is `Schemas/parameters.schema.json`.
package struct ParameterListing: Encodable {
  package let source: String
  package let layout: String
  /// Null for a source other than a container, unless the fingerprint was asked for.
  @OrNull package private(set) var fingerprint: String?
  @OrNull package private(set) var fingerprintBasis: FingerprintBasis?
  /// The number of elements of all listed tensors.
  package private(set) var totalParameters: Int
  package private(set) var totalBytes: Int
  package private(set) var storedBytes: Int
  package let assumptions: [String]
  /// Why the tensors have their own names, and what would make more of the checkpoint.
  package let notes: [String]
  /// Only where it was asked for.
  package var metadata: [String: String]?
  /// What a container keeps beside the tensors. Only where metadata were asked for.
  package var attachments: [Attachment]?
  /// The entries of a container of which this version knows nothing. Only where metadata were asked for.
  package var unknownEntries: [String]?
  package private(set) var parameters: [Line]

  package struct Attachment: Encodable {
    package let name: String
    package let bytes: Int

    package init(name: String, bytes: Int) {
      self.name = name
      self.bytes = bytes
    }
  }

  package struct Line: Encodable {
    package let name: String
    package let dtype: String
    package let shape: [Int]
    package let bytes: Int
    /// The bytes in the file; 0 for a tensor that is stored under another name.
    package let storedBytes: Int
    /// The type in the file, such as `Q4_K`. Only where it is not `dtype`.
    package let storedType: String?
    /// The part of the model; null for a tensor that is not one of its parameters.
    @OrNull package private(set) var part: String?
    /// The tensors of the file that a parameter is made of. Only where the file is no container.
    package let sources: [String]?
    /// The parameters that a tensor under its own name would become. Only where they are known.
    package let becomes: [Parameter]?
    /// Only where statistics were asked for, and null for a tensor of no floating-point numbers.
    package let statistics: OrNull<TensorStatistics>?
    /// Only where statistics were asked for.
    package let parts: [Part]?
    /// What the values say about how the parameter was written. Only where statistics were asked for.
    package let flags: [ValueFlag]?
    /// Only where digests were asked for.
    package let sha256: String?

    /// A logical part of a fused parameter.
    package struct Part: Encodable {
      package let name: String
      package let statistics: TensorStatistics
    }

    /// A parameter within a tensor under its own name.
    package struct Parameter: Encodable {
      package let name: String
      package let shape: [Int]
    }

    package var elements: Int { shape.reduce(1, *) }
    /// The type as a table shows it: the one in the file.
    package var shownType: String { storedType ?? dtype }
  }

  /// The order of the lines.
  package enum Order: String, Sendable, CaseIterable { case model, name, size }

  package struct Fingerprint {
    package let digest: SHA256Digest
    package let basis: FingerprintBasis

    package init(digest: SHA256Digest, basis: FingerprintBasis) {
      self.digest = digest
      self.basis = basis
    }
  }

  /// - Parameter notes: Why the tensors have their own names; none for a model.
  package init(
    _ checkpoint: ListedCheckpoint, notes: [String], filter: String?, order: Order,
    fingerprint: Fingerprint?, found: [String: ParameterPass.Result] = [:], hasStatistics: Bool = false
  ) {
    let model = checkpoint.model
    let tensors = model.parameters.tensors
    let sources = Self.sources(of: model)
    let conventions =
      hasStatistics
      ? ConventionReport(
        found.compactMapValues(\.figures), model.architecture, inventory: model.inventory,
        tensors: tensors, statistics: found.compactMapValues(\.statistics)) : nil
    let inModelOrder =
      model.inventory.map { inventory in
        inventory.compactMap { tensors[$0.name] } + tensors.filter { inventory[$0.name] == nil }
      } ?? Array(tensors)
    var lines = inModelOrder.map { tensor in
      Line(
        name: tensor.name, dtype: tensor.type.rawValue, shape: tensor.shape.dimensions,
        bytes: tensor.byteCount, storedBytes: model.parameters.storedBytes(of: tensor),
        storedType: model.parameters.storedType(of: tensor),
        part: model.inventory?[tensor.name]?.part.rawValue, sources: sources[tensor.name],
        becomes: Self.uses(of: tensor, checkpoint.account),
        statistics: hasStatistics ? OrNull(wrappedValue: found[tensor.name]?.statistics) : nil,
        parts: hasStatistics
          ? found[tensor.name]?.parts.map { .init(name: $0.name, statistics: $0.statistics) } : nil,
        flags: conventions.map { $0.flags[tensor.name] ?? [] },
        sha256: found[tensor.name]?.sha256.map { "\($0)" })
    }
    if let glob = filter.map(NameGlob.init) { lines = lines.filter { glob.matches($0.name) } }
    switch order {
    case .model: break
    case .name: lines.sort { $0.name.utf8Precedes($1.name) }
    case .size: lines.sort { ($1.bytes, $0.name) < ($0.bytes, $1.name) }
    }
    self.source = model.location
    self.layout = model.layout.name
    self.fingerprint = fingerprint.map { "\($0.digest)" }
    self.fingerprintBasis = fingerprint?.basis
    self.totalParameters = lines.reduce(0) { $0 + $1.elements }
    self.totalBytes = lines.reduce(0) { $0 + $1.bytes }
    self.storedBytes = lines.reduce(0) { $0 + $1.storedBytes }
    self.assumptions = model.assumptions
    self.notes = notes
    self.parameters = lines
  }

  /// The tensors of the file by the names of the parameters that they become.
  private static func sources(of model: OpenedModel) -> [String: [String]] {
    var sources: [String: [String]] = [:]
    for mapping in model.mapping {
      for name in mapping.to { sources[name, default: []] += mapping.from }
    }
    return sources
  }

  private static func uses(
    of tensor: TensorDescriptor, _ account: OwnNamesAccount?
  ) -> [Line.Parameter]? {
    let parameters = account?.parameters(of: tensor) ?? []
    return parameters.isEmpty
      ? nil : parameters.map { .init(name: $0.name, shape: $0.shape.dimensions) }
  }

  /// Leaves only the parameters with these names, and their totals.
  package mutating func keep(_ names: [String]) {
    parameters = parameters.filter { names.contains($0.name) }
    totalParameters = parameters.reduce(0) { $0 + $1.elements }
    totalBytes = parameters.reduce(0) { $0 + $1.bytes }
    storedBytes = parameters.reduce(0) { $0 + $1.storedBytes }
  }
}
