import HymbaConversion
import HymbaFormat
import HymbaInspection
import HymbaModel
import HymbaTerminal

/// The parameters of a checkpoint. The schema of its JSON form is `Schemas/parameters.schema.json`.
struct ParameterListing: Encodable {
  let source: String
  let layout: String
  /// Null for a source other than a container, unless the fingerprint was asked for.
  @OrNull var fingerprint: String?
  @OrNull var fingerprintBasis: FingerprintBasis?
  /// The number of elements of all listed tensors.
  private(set) var totalParameters: Int
  private(set) var totalBytes: Int
  private(set) var storedBytes: Int
  let assumptions: [String]
  /// Why the tensors have their own names, and what would make more of the checkpoint.
  let notes: [String]
  /// Only where it was asked for.
  var metadata: [String: String]?
  /// What a container keeps beside the tensors. Only where metadata were asked for.
  var attachments: [Attachment]?
  private(set) var parameters: [Line]

  struct Attachment: Encodable {
    let name: String
    let bytes: Int
  }

  struct Line: Encodable {
    let name: String
    let dtype: String
    let shape: [Int]
    let bytes: Int
    /// The bytes in the file; 0 for a tensor that is stored under another name.
    let storedBytes: Int
    /// The part of the model; null for a tensor that is not one of its parameters.
    @OrNull var part: String?
    /// The tensors of the file that a parameter is made of. Only where the file is no container.
    var sources: [String]?
    /// The parameters that a tensor under its own name would become. Only where they are known.
    var becomes: [Parameter]?
    /// Only where statistics were asked for, and null for a tensor of no floating-point numbers.
    var statistics: OrNull<TensorStatistics>?
    /// Only where statistics were asked for.
    var parts: [Part]?
    /// What the values say about how the parameter was written. Only where statistics were asked for.
    var flags: [ValueFlag]?
    /// Only where digests were asked for.
    var sha256: String?

    /// A logical part of a fused parameter.
    struct Part: Encodable {
      let name: String
      let statistics: TensorStatistics
    }

    /// A parameter within a tensor under its own name.
    struct Parameter: Encodable {
      let name: String
      let shape: [Int]
    }

    var elements: Int { shape.reduce(1, *) }
  }

  struct Fingerprint {
    let digest: SHA256Digest
    let basis: FingerprintBasis
  }

  init(
    _ checkpoint: ListedCheckpoint, filter: String?, order: Parameters.Order,
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
    self.notes = checkpoint.notes
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
  mutating func keep(_ names: [String]) {
    parameters = parameters.filter { names.contains($0.name) }
    totalParameters = parameters.reduce(0) { $0 + $1.elements }
    totalBytes = parameters.reduce(0) { $0 + $1.bytes }
    storedBytes = parameters.reduce(0) { $0 + $1.storedBytes }
  }

  func lines(width: Int?) -> [String] {
    var table = Table([
      ("parameter", .left), ("type", .left), ("shape", .left), ("bytes", .right),
      ("stored", .right),
    ])
    for line in parameters {
      table.add([
        line.name.printable, line.dtype, "\(line.shape)", line.bytes.byteText,
        line.storedBytes.byteText,
      ])
      // A fused tensor of one name may hold what another name would be looked for.
      for part in line.becomes ?? [] where line.becomes?.count ?? 0 > 1 {
        table.add(["  has \(part.name)", "", "\(part.shape)", "", ""])
      }
    }
    return table.lines(width: width) + [""] + totals(width: width)
  }

  /// The totals of each part of the model, then of all tensors.
  private func totals(width: Int?) -> [String] {
    var table = Table([
      ("part", .left), ("tensors", .right), ("parameters", .right), ("bytes", .right),
      ("stored", .right),
    ])
    func add(_ title: String, _ lines: [Line]) {
      table.add([
        title, "\(lines.count)", lines.reduce(0) { $0 + $1.elements }.groupedText,
        lines.reduce(0) { $0 + $1.bytes }.byteText,
        lines.reduce(0) { $0 + $1.storedBytes }.byteText,
      ])
    }
    for part in Parameter.Part.allCases {
      let lines = parameters.filter { $0.part == part.rawValue }
      if !lines.isEmpty { add(part.rawValue, lines) }
    }
    let others = parameters.filter { $0.part == nil }
    if !others.isEmpty && others.count < parameters.count { add("not used by the model", others) }
    add("total", parameters)
    guard let fingerprint, let fingerprintBasis else { return table.lines(width: width) }
    return table.lines(width: width) + [""] + fingerprintBasis.lines(fingerprint)
  }
}
