import HymbaConversion
import HymbaFormat
import HymbaModel
import HymbaTerminal

/// The result of a conversion. The schema of its JSON form is `Schemas/conversion.schema.json`.
struct ConversionOutcome: Encodable {
  let source: String
  /// Null for a dry run.
  @OrNull var output: String?
  let layout: LayoutReference
  let reason: String
  /// Null when nothing was mapped.
  @OrNull var ledger: Ledger?
  let tensors: Int
  let aliases: Int
  let parameters: Int
  /// The bytes of the source's files.
  let sourceBytes: Int
  /// The bytes of the source's files without what was left aside, and without what a container keeps beside its
  /// tensors. The size of the output's weights is compared with them.
  let keptBytes: Int
  @OrNull var outputBytes: Int?
  /// The parts that were written or found; null for one container.
  @OrNull var parts: [Part]?
  /// The bytes of the output that hold what it keeps beside the tensors; null for a dry run.
  @OrNull var attachedBytes: Int?
  /// What the output takes from a base; null for one that stands alone.
  @OrNull var base: BaseUse?
  /// Whether the output was read again and found equal to the source.
  let verified: Bool
  @OrNull var fingerprint: String?
  let assumptions: [String]
  /// What the output keeps beside the tensors.
  let attachments: [Attachment]
  /// Null when nothing was cast.
  @OrNull var cast: CastReport?
  let mapping: [MappingLine]

  struct BaseUse: Encodable {
    let file: String
    let fingerprint: String
    /// The tensors of which nothing is stored, as the base has them.
    let equalTensors: Int
    /// The tensors of which the differences from the base are stored.
    let differences: Int

    init(_ record: BaseRecord, _ tensors: [StoredTensor]) {
      self.file = record.file
      self.fingerprint = "\(record.fingerprint)"
      self.equalTensors = record.tensors.count
      self.differences = tensors.count { $0.encoding == .delta }
    }
  }

  struct Attachment: Encodable {
    let name: String
    let bytes: Int
  }

  /// A part of the output.
  struct Part: Encodable {
    let number: Int
    let count: Int
    /// The name of its file.
    let file: String
    let tensors: Int
    /// The bytes of its tensors.
    let bytes: Int
    /// The bytes of its file; null for a dry run.
    @OrNull var fileBytes: Int?
    /// Whether it was there already, without damage and with every tensor equal to the source's.
    let kept: Bool
  }

  struct MappingLine: Encodable {
    let from: [String]
    let to: [String]
    /// The dimensions of each tensor of `from`; null for one that the checkpoint does not have.
    let fromShapes: [[Int]?]
    let toShapes: [[Int]?]
    /// The steps in words, in order; empty for tensors that are only renamed.
    let steps: [String]

    init(_ mapping: TensorMapping, in parameters: TensorTable) {
      self.from = mapping.from
      self.to = mapping.to
      self.fromShapes = mapping.shapes.map { $0?.dimensions }
      self.toShapes = mapping.to.map { parameters[$0]?.shape.dimensions }
      self.steps = mapping.steps
    }
  }

  /// - Parameter source: The source of the conversion; nil where `model` was opened from it.
  init(
    _ model: OpenedModel, from source: (any CheckpointSource)? = nil,
    output: ContainerSource? = nil, manifest: Manifest? = nil, verified: Bool = false,
    cast: CastReport? = nil
  ) {
    self.source = source?.location ?? model.location
    self.output = output?.location
    self.layout = model.layout
    self.reason = model.reason
    self.ledger = model.ledger
    self.tensors = model.parameters.tensors.count
    self.aliases = manifest?.aliases.count ?? 0
    self.parameters = model.parameters.tensors.totalElements
    let origin = source ?? model.parameters
    self.sourceBytes = origin.files.reduce(0) { $0 + $1.bytes }
    let attached = model.attached.map { attached in
      attached.tensors.reduce(0) { $0 + attached.storedBytes(of: $1) }
    }
    self.keptBytes = origin.keptBytes - (attached ?? 0)
    self.outputBytes = output?.files.reduce(0) { $0 + $1.bytes }
    self.attachedBytes = output?.attachedRanges.reduce(0) { $0 + $1.count }
    self.base = manifest.flatMap { manifest in manifest.base.map { BaseUse($0, manifest.tensors) } }
    self.verified = verified
    self.fingerprint = output.map { "\($0.fingerprint)" }
    self.assumptions = manifest?.description.assumptions ?? model.assumptions
    self.attachments =
      output?.attached.tensors.map { Attachment(name: $0.name, bytes: $0.byteCount) } ?? []
    self.cast = cast
    self.mapping = model.mapping.map { MappingLine($0, in: model.parameters.tensors) }
  }

  static let verifiedLine = "  verified     read again, every tensor equal"

  func lines(width: Int?) -> [String] {
    if let part = parts?.first, fingerprint == nil { return lines(of: part) }
    var lines = ["\(source) -> \(output ?? "")"]
    lines += "\(layout.text), as \(reason)".wrapped(label: "  layout       ", width: width)
    if let ledger {
      var moves = ["\(ledger.renamed) renamed", "\(ledger.transformed) transposed or reshaped"]
      if ledger.joined > 0 { moves.append("\(ledger.joined) joined") }
      if ledger.split > 0 { moves.append("\(ledger.split) split") }
      if !ledger.carried.isEmpty { moves.append("\(ledger.carried.count) carried") }
      lines.append("  tensors      \(ledger.tensorsIn) in, \(tensors) out")
      lines.append("               \(moves.joined(separator: ", "))")
    } else {
      lines.append("  tensors      \(tensors)")
    }
    if aliases > 0 {
      lines.append("  identical    \(String.counted(aliases, "tensor")) stored once")
    }
    if let cast { lines.append(cast.line) }
    lines.append("  parameters   \(parameters.groupedText)")
    if let outputBytes {
      let weightBytes = outputBytes - (attachedBytes ?? 0)
      let size = weightBytes.byteText
      let whole = outputBytes.byteText
      let inside = whole == size ? "" : "; \(whole) with what is inside"
      let change = keptBytes > 0 ? (1 - Double(weightBytes) / Double(keptBytes)) * 100 : 0
      let verdict = change >= 0 ? "smaller" : "larger"
      let percent = Int((abs(change) * 10).rounded())
      let kept =
        keptBytes < sourceBytes
        ? "\(keptBytes.byteText) of \(sourceBytes.byteText)" : sourceBytes.byteText
      lines.append(
        keptBytes > 0
          ? "  size         \(kept) -> \(size), \(percent / 10).\(percent % 10) % \(verdict)\(inside)"
          : "  size         \(size)\(inside)")
    }
    if let parts {
      let kept = parts.count { $0.kept }
      lines.append(
        "  parts        \(parts.count)" + (kept > 0 ? ", of which \(kept) \(kept == 1 ? "was" : "were") there and right" : ""))
    }
    if let base {
      let stored = tensors - aliases - base.equalTensors - base.differences
      lines +=
        "\(base.file.printable): \(base.equalTensors) tensors equal, \(base.differences) stored as differences, \(stored) whole"
        .wrapped(label: "  base         ", width: width)
    }
    lines += inside(width: width)
    if verified { lines.append(Self.verifiedLine) }
    if let fingerprint { lines.append("  fingerprint  \(fingerprint)") }
    return lines
  }

  /// The lines about one part of a model.
  private func lines(of part: Part) -> [String] {
    var lines = ["\(source) -> \(output ?? "")"]
    lines.append("  part         \(part.number) of \(part.count), \(part.tensors) of \(String.counted(tensors, "tensor"))")
    lines.append("  size         \(part.bytes.byteText) -> \((part.fileBytes ?? 0).byteText)")
    if part.kept {
      lines.append("  kept         it was there, without damage and with every tensor equal")
    } else if verified {
      lines.append(Self.verifiedLine)
    }
    return lines
  }

  /// The lines about what is kept beside the tensors.
  private func inside(width: Int?) -> [String] {
    let names = attachments.compactMap { AttachmentName($0.name) }
    let others = names.compactMap { name -> String? in
      switch name {
      case .file(let file): file.printable
      case .unknown(let text): "\(text.printable), of a later version"
      case .probe: nil
      }
    }
    var lines =
      others.isEmpty
      ? [] : others.joined(separator: ", ").wrapped(label: "  inside       ", width: width)
    let probes = names.compactMap { if case .probe(let name) = $0 { name } else { nil } }
    guard !probes.isEmpty else { return lines }
    let captures = probes.count { Capture(name: $0) != nil }
    let bytes = attachments.reduce(0) { sum, attachment in
      if case .probe? = AttachmentName(attachment.name) { sum + attachment.bytes } else { sum }
    }
    let what =
      probes.contains("statistics.json")
      ? "statistics of captures" : captures > 0 ? String.counted(captures, "capture") : "no capture"
    let input = probes.contains { ["input", "input_ids"].contains($0) } ? "with the input" : "without an input"
    lines.append("  reference    \(what), \(input), \(bytes.byteText)")
    return lines
  }
}
