import ArgumentParser
import HymbaConversion
import HymbaFormat
import HymbaReport
import HymbaTerminal

struct Container: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Show how a .hymba container stores its tensors.",
    discussion: """
      Examples:
        hymba-inspect container hymba.hymba
        hymba-inspect container hymba/
      """)

  @Argument(help: "A .hymba container, a model in parts (the folder or its index), or one part.")
  var file: String

  @OptionGroup var base: BaseOption

  @Flag(help: "Print JSON for programs.")
  var json = false

  @Flag(name: [.short, .long], help: "Accepted as by every command; a listing has no details to leave out.")
  var quiet = false

  func run() throws {
    try ToolRun.perform {
      let listing = ContainerListing(try ContainerSource.opened(file, base: base.path))
      if json { return try Terminal.show(json: listing) }
      Terminal.show(lines: listing.lines(width: Terminal.width))
    }
  }
}

/// The entries of a container. The schema of its JSON form is `Schemas/container.schema.json`.
private struct ContainerListing: Encodable {
  let file: String
  let formatVersion: String
  let creator: String
  let layout: LayoutReference
  let fingerprint: String
  let fingerprintBasis = FingerprintBasis.manifest
  let fileBytes: Int
  /// The files of a model in parts; null for a container in one file.
  @OrNull var parts: [PartFile]?
  /// Which part of a model this is; null for a whole one.
  @OrNull var part: PartName?
  let logicalBytes: Int
  let storedBytes: Int
  let entries: [Entry]
  let aliases: [Alias]
  /// The container that this one is relative to; null for one that stands alone.
  @OrNull var base: Base?
  /// What is kept beside the tensors.
  let attachments: [Attachment]
  /// The entries of which this version knows nothing.
  let unknownEntries: [String]
  /// Sentences about what the conversion assumed and left aside.
  let assumptions: [String]

  struct Entry: Encodable {
    let entry: String
    let tensor: String
    let dtype: String
    let encoding: String
    let offset: Int
    let bytes: Int
    let storedBytes: Int
    /// The name of the file that it is in.
    let file: String
  }

  struct PartFile: Encodable {
    let file: String
    let bytes: Int
  }

  struct Base: Encodable {
    let file: String
    let fingerprint: String
    let bytes: Int
    /// The tensors of which nothing is stored, as the base has them.
    let tensors: [Tensor]

    struct Tensor: Encodable {
      let tensor: String
      let dtype: String
      let bytes: Int
    }

    init(_ record: BaseRecord) {
      self.file = record.file
      self.fingerprint = "\(record.fingerprint)"
      self.bytes = record.bytes
      self.tensors = record.tensors.map {
        Tensor(
          tensor: $0.descriptor.name, dtype: $0.descriptor.type.rawValue, bytes: $0.descriptor.byteCount)
      }
    }
  }

  struct Attachment: Encodable {
    let name: String
    let dtype: String
    let shape: [Int]
    let encoding: String
    let offset: Int
    let bytes: Int
    let storedBytes: Int
  }

  struct Alias: Encodable {
    let name: String
    let of: String
  }

  init(_ container: ContainerSource) {
    let manifest = container.manifest
    self.file = container.location
    self.formatVersion = manifest.formatVersion
    self.creator = manifest.creator
    self.layout = manifest.description.layout
    self.fingerprint = "\(container.fingerprint)"
    self.fileBytes = container.files.reduce(0) { $0 + $1.bytes }
    self.parts = container.partCount > 1 ? container.files.map { PartFile(file: $0.name, bytes: $0.bytes) } : nil
    self.part = manifest.part?.name
    let places = zip(container.storedRanges, container.storedFiles)
    self.entries = zip(manifest.tensors, places).map { tensor, place in
      let (range, file) = place
      return Entry(
        entry: tensor.entry, tensor: tensor.descriptor.name,
        dtype: tensor.descriptor.type.rawValue, encoding: tensor.encoding.rawValue,
        offset: range.lowerBound, bytes: tensor.descriptor.byteCount, storedBytes: range.count,
        file: file)
    }
    self.assumptions = manifest.description.assumptions
    self.base = manifest.base.map(Base.init)
    self.aliases = manifest.aliases.map { Alias(name: $0.name, of: $0.of) }
    self.attachments = zip(manifest.attachments, container.attachedRanges).map { attachment, range in
      Attachment(
        name: attachment.descriptor.name, dtype: attachment.descriptor.type.rawValue,
        shape: attachment.descriptor.shape.dimensions, encoding: attachment.encoding.rawValue,
        offset: range.lowerBound, bytes: attachment.descriptor.byteCount, storedBytes: range.count)
    }
    self.unknownEntries = container.unnamedEntries
    self.logicalBytes = container.tensors.totalBytes
    self.storedBytes = container.storedRanges.reduce(0) { $0 + $1.count }
  }

  func lines(width: Int?) -> [String] {
    var table = Table([
      ("entry", .left), ("type", .left), ("encoding", .left), ("bytes", .right), ("stored", .right),
      ("ratio", .right),
    ])
    for entry in entries {
      table.add([
        entry.entry.printable, entry.dtype, entry.encoding, entry.bytes.byteText,
        entry.storedBytes.byteText, Self.ratio(entry.storedBytes, entry.bytes),
      ])
    }
    for tensor in base?.tensors ?? [] {
      table.add([tensor.tensor.printable, tensor.dtype, "base", tensor.bytes.byteText, 0.byteText, Self.ratio(0, tensor.bytes)])
    }
    var lines = table.lines(width: width)
    for alias in aliases {
      lines.append("\(alias.name.printable) is stored as \(alias.of.printable)")
    }
    if !attachments.isEmpty {
      var table = Table([("inside", .left), ("encoding", .left), ("bytes", .right), ("stored", .right)])
      for attachment in attachments {
        table.add([
          attachment.name.printable, attachment.encoding, attachment.bytes.byteText,
          attachment.storedBytes.byteText,
        ])
      }
      lines += [""] + table.lines(width: width)
    }
    lines += unknownEntries.map(UnknownEntry.line)
    lines += [
      "",
      "version      \(formatVersion), by \(creator.printable)",
      "layout       \(layout.name.printable)",
      "tensors      \(logicalBytes.byteText) in \(storedBytes.byteText), \(Self.ratio(storedBytes, logicalBytes))",
      "file         \(fileBytes.byteText)\(parts.map { " in \($0.count) parts" } ?? "")",
    ]
    if let part { lines.append("part         \(part.number) of \(part.count) of a model") }
    if let base {
      lines.append("base         \(base.file.printable), \(base.bytes.byteText), with the fingerprint")
      lines.append("             \(base.fingerprint)")
    }
    for assumption in assumptions {
      lines += assumption.printable.wrapped(label: "note         ", width: width)
    }
    return lines + fingerprintBasis.lines(fingerprint)
  }

  private static func ratio(_ stored: Int, _ logical: Int) -> String {
    guard logical > 0 else { return "-" }
    let permille = Int((Double(stored) / Double(logical) * 1000).rounded())
    return "\(permille / 10).\(permille % 10) %"
  }
}
