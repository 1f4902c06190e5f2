import ArgumentParser
import HymbaConversion
import HymbaFormat
import HymbaTerminal
import HymbaVerification

struct Container: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Check every bit of a .hymba container, without a forward pass.",
    usage: "hymba-verify container <file> [<options>]",
    discussion: """
      Examples:
        hymba-verify container hymba.hymba
        hymba-verify container hymba/ --part 3
        hymba-verify container hymba.hymba --quick
      """)

  @Argument(help: "A .hymba container, or a model in parts: the folder or its index.")
  var file: String

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Check this part of a model in parts alone, counted from 1. The others may be absent.", valueName: "k"))
  var part: Int?

  @Flag(
    help: """
      Leave out the SHA-256 of the decoded bytes, which takes most of the time. The stored bytes are compared with their \
      XXH3, and the decoded ones with the checksums of their frames.
      """)
  var quick = false

  @OptionGroup var base: BaseOption
  @OptionGroup var work: WorkOptions

  func validate() throws {
    if let part, part < 1 { throw ValidationError("--part is \(part); parts are counted from 1.") }
  }

  func run() throws {
    try ToolRun.perform {
      let container = try based(open())
      let total = (container.storedRanges + container.attachedRanges).reduce(0) { $0 + $1.count }
      let bar = ProgressBar("checking", total: total, quiet: work.quiet)
      let damage = try naming(file) {
        try container.findDamage(jobs: work.jobs, comparesSHA256: !quick) { bar.advance(by: $0) }
      }
      bar.finish()
      if work.json {
        try Terminal.show(
          json: IntegrityReport(
            file: file, damage: damage, part: container.manifest.part, unverified: container.unnamedEntries,
            undecoded: container.missingBase == nil ? 0 : container.tensorsOfBase,
            because: container.missingBase.map { ToolRun.sentence($0) }, sha256: !quick))
      } else if damage.isEmpty {
        let verdict = "\(Self.parts(of: container)) are as they were written"
        let label = "\(container.location.printable): "
        if let missing = container.missingBase {
          Terminal.show(lines: verdict.wrapped(label: label, width: Terminal.width))
          let tensors = String.counted(container.tensorsOfBase, "tensor")
          Terminal.show(
            lines: "the decoded bytes of \(tensors), which need the base: \(ToolRun.sentence(missing))"
              .wrapped(label: "not verified: ", width: Terminal.width))
        } else {
          Terminal.show(label + verdict)
        }
        if quick {
          Terminal.show("not verified: the SHA-256 of tensors and the fingerprint, as --quick asks")
        }
        for name in container.unnamedEntries {
          Terminal.show(
            "not verified: \(name.printable), which a later version added and no digest covers")
        }
        if let part = container.manifest.part {
          Terminal.show("part \(part.number) of \(part.count) of a model; the other parts were not read")
        } else if !work.quiet, !quick {
          Terminal.show("fingerprint \(container.fingerprint)")
        }
      } else {
        for part in damage { Terminal.note("error: \(file.printable): \(part)") }
      }
      if !damage.isEmpty { throw ExitCode(FailureKind.wrong) }
    }
  }

  /// The parts that were checked, as words.
  private static func parts(of container: ContainerSource) -> String {
    // Without the base, the stored bytes are all that was compared.
    let tensors =
      container.missingBase == nil
      ? String.counted(container.tensors.count, "tensor")
      : "the stored bytes of \(String.counted(container.manifest.tensors.count, "tensor"))"
    let attachments = container.manifest.attachments.count
    return attachments == 0
      ? "\(container.framing) and \(tensors)"
      : "\(container.framing), \(tensors) and \(String.counted(attachments, "attachment"))"
  }

  /// Opens the container. With `--json`, one whose header or manifest is damaged still gets a report.
  private func open() throws -> ContainerSource {
    do {
      // Of a path at which nothing lies, the opener says best what may have been meant.
      if let part, FileSystem.exists(file) { return try naming(file) { try ContainerSource.part(part, of: file) } }
      return try ContainerSource.opened(file)
    } catch let error as FileDiagnosis {
      if work.json, let damage = ContainerDamage(error) {
        try Terminal.show(json: IntegrityReport(file: file, damage: [damage], sha256: false))
      }
      throw error
    }
  }

  /// The container with its base. With `--json`, one beside a file that is not its base still gets a report.
  private func based(_ container: ContainerSource) throws -> ContainerSource {
    do {
      return try naming(file) {
        let container = try base.path.map { try container.relative(to: $0) } ?? container
        try container.requireNoOtherBase()
        return container
      }
    } catch let error as FileDiagnosis {
      if work.json, error.kind != .noInput, error.kind != .usage {
        try Terminal.show(
          json: IntegrityReport(file: file, uncompared: container.tensors.count, because: ToolRun.sentence(error)))
      }
      throw error
    }
  }
}

/// The result of checking a container. The schema of its JSON form is `Schemas/integrity.schema.json`.
private struct IntegrityReport: Encodable {
  let file: String
  private(set) var passed: Bool
  let damage: [Part]
  /// Which part of a model was checked; null for a whole one.
  @OrNull var part: PartName?
  /// The entries that no digest covers, as a later version added them.
  let unverified: [String]
  /// The number of tensors whose decoded bytes were not compared, as their base is not there, or another file is.
  let undecoded: Int
  /// Why these were not compared; null where all were.
  @OrNull var undecodedReason: String?
  /// Whether decoded bytes were compared with their SHA-256.
  let sha256: Bool

  struct Part: Encodable {
    /// `header`, `manifest`, `tensor` or `attachment`.
    let part: String
    /// The tensor's name; null for other parts.
    @OrNull var tensor: String?
    /// The attachment's full name; null for other parts.
    @OrNull var attachment: String?
    let detail: String
    /// The name of the file that it is in; null for a container in one file.
    @OrNull var file: String?
  }

  /// A report of a container of which nothing was compared.
  init(file: String, uncompared tensors: Int, because reason: String) {
    self.init(file: file, damage: [], undecoded: tensors, because: reason, sha256: false)
    passed = false
  }

  init(
    file: String, damage: [ContainerDamage], part: ContainerPart? = nil, unverified: [String] = [], undecoded: Int = 0,
    because reason: String? = nil, sha256: Bool
  ) {
    self.undecodedReason = reason
    self.sha256 = sha256
    self.unverified = unverified
    self.undecoded = undecoded
    self.file = file
    self.passed = damage.isEmpty
    self.part = part?.name
    self.damage = damage.map { damage in
      let (detail, file) = (damage.detail, damage.file)
      return switch damage.part {
      case .header: Part(part: "header", detail: detail, file: file)
      case .manifest: Part(part: "manifest", detail: detail, file: file)
      case .tensor(let name): Part(part: "tensor", tensor: name, detail: detail, file: file)
      case .attachment(let name): Part(part: "attachment", attachment: name, detail: detail, file: file)
      }
    }
  }
}
