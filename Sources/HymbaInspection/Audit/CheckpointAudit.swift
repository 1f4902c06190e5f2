import HymbaCheckpoints
package import HymbaConversion
package import HymbaFormat
import HymbaModel

/// What is wrong with a checkpoint, as far as the headers and the sizes of its files tell.
///
/// Any source can be audited: a folder, an index, a lone shard, a folder in the cache of Hugging Face, a file
/// of any format, or a model of no known family. No tensor data is read. The schema of the JSON form is
/// `Schemas/audit.schema.json`.
package struct CheckpointAudit: Sendable, Encodable {
  /// The checkpoint as it was named.
  package let source: String
  /// The name of the layout; null where none was recognised.
  @OrNull package private(set) var layout: String?
  /// The number of files with weights.
  package let fileCount: Int
  /// The number of tensors that the headers name. A tensor in two files counts once.
  package let tensorCount: Int
  /// The bytes of these tensors. In a GGUF file these are the bytes as they are stored, as no program has others.
  package let totalBytes: Int
  /// The findings, errors first.
  package let findings: [Finding]

  /// Looks at a checkpoint.
  ///
  /// - Parameters:
  ///   - source: The path of the checkpoint.
  ///   - options: The configuration and the layout, where they are given.
  ///   - base: The path of the base of a container that is relative to one; nil to look for it beside the container.
  /// - Throws: `FileDiagnosis` for a path at which nothing lies, and for a folder of the cache of Hugging Face
  ///   with several snapshots. What is wrong with the files is in ``findings``.
  /// - Complexity: Reads headers, indexes and configurations.
  package init(
    _ source: String, _ options: OpeningOptions = OpeningOptions(), base: String? = nil
  ) throws {
    let path = try ModelInput(paths: [source]).located().paths[0]
    // The opener says best what may have been meant by a path at which nothing lies.
    if !FileSystem.exists(path) { _ = try SourceOpener.open(path) }
    let set = WeightSet(path)
    var findings = set.findings
    var layout: String?
    var tensors: TensorTable?
    var totalBytes = 0
    do {
      if let checkpoint = try set.source() {
        tensors = checkpoint.tensors
        totalBytes = checkpoint.auditedBytes
        let model = AuditedModel(checkpoint, set, options, base: base)
        layout = model.layout
        findings += model.findings
      }
    } catch { findings.append(.unreadable(FileSystem.name(of: path), error)) }
    self.source = source
    self.fileCount = set.files.count
    self.tensorCount = tensors?.count ?? 0
    self.totalBytes = totalBytes
    self.findings = findings.bySeverity()
    self.layout = layout
  }

  package var hasErrors: Bool { findings.contains { $0.severity == .error } }
}

extension CheckpointSource {
  /// The bytes of the tensors, quantised ones as they are stored.
  fileprivate var auditedBytes: Int {
    self is GGUFSource ? tensors.reduce(0) { $0 + storedBytes(of: $1) } : tensors.totalBytes
  }
}

/// The model in a set of weights, with its configuration and the files beside it.
private struct AuditedModel {
  private(set) var layout: String?
  private(set) var findings: [Finding] = []

  init(
    _ checkpoint: any CheckpointSource, _ set: WeightSet, _ options: OpeningOptions, base: String?
  ) {
    if let container = checkpoint as? ContainerSource {
      addContainer(container, base, options)
      return
    }
    // A GGUF file has a configuration of its own.
    let gguf = checkpoint as? GGUFSource
    let configuration = gguf == nil ? readConfiguration(set, options) : nil
    let subject = FileSystem.name(of: set.location)
    if options.layout != LayoutReference.verbatim.name {
      do {
        let recognised = try RecognitionAccount(checkpoint, at: set.location, options)
        layout = recognised.layout
        findings += ModelAudit(
          recognised, checkpoint.tensors, hidden: set.hiddenTensors, isPartial: set.isPartial,
          configuration
        ).findings
        if let configuration { findings += DialectAudit(configuration, recognised).findings }
      } catch let error as ConversionError where gguf != nil && error.isUnsupported {
        findings.append(Finding(.layout, .note, subject, "is not computed here: \(Audited.sentence(error))"))
      } catch {
        let finding = Audited.recognition(
          error, of: subject,
          family: KnownFamily.title(options.configuration, beside: set.location),
          isChosen: options.layout != nil)
        // A configuration that is no JSON was named when it was read.
        if !findings.contains(where: { $0.message == finding.message }) { findings.append(finding) }
      }
    }
    if let gguf {
      findings += GGUFAudit(gguf, besides: findings).findings
      return
    }
    findings += TypeAudit(checkpoint.tensors, configuration).findings
    if set.isFolder { findings += CompanionAudit(set.entries, in: set.folder, configuration).findings }
    addConfigurationMissing(set, options)
  }

  /// The `config.json` that the options name, or that lies beside the weights.
  private mutating func readConfiguration(
    _ set: WeightSet, _ options: OpeningOptions
  ) -> AuditedConfiguration? {
    let path = options.configuration ?? FileSystem.path(set.folder, "config.json")
    guard FileSystem.hasEntry(path) else { return nil }
    do {
      return try AuditedConfiguration(reading: path)
    } catch {
      findings.append(Audited.configuration(FileSystem.name(of: path), error))
      return nil
    }
  }

  /// Adds a finding for a folder of safetensors without a configuration, unless one was added because the layout
  /// needs it.
  private mutating func addConfigurationMissing(_ set: WeightSet, _ options: OpeningOptions) {
    guard set.isFolder, layout == nil, options.configuration == nil,
      !findings.contains(where: { $0.kind == .configurationMissing }),
      !KnownFamily.configurationFiles.contains(where: set.entries.contains)
    else { return }
    findings.append(
      Finding(
        .configurationMissing, .warning, "config.json",
        "is not in the folder: nothing says what the shapes of the tensors should be"))
  }

  /// A container describes its model itself, and opening it compares the two.
  private mutating func addContainer(
    _ container: ContainerSource, _ base: String?, _ options: OpeningOptions
  ) {
    let subject = FileSystem.name(of: container.location)
    findings += TypeAudit(container.tensors, nil).findings
    if let part = container.manifest.part {
      findings.append(
        Finding(
          .oneShard, .note, subject,
          "is part \(part.number) of \(part.count): name the folder to have all of the model looked at"))
      return
    }
    do {
      let model = try OpenedModel.open(ModelInput(paths: [container.location], base: base), options)
      layout = model.layout.name
      findings += model.warnings.map { Finding(.assumption, .note, subject, $0) }
    } catch {
      findings.append(.unreadable(subject, error))
    }
  }
}

extension ConversionError {
  /// Whether a checkpoint is well formed, and its model is none that is computed here.
  fileprivate var isUnsupported: Bool {
    if case .unsupported = self { true } else { false }
  }
}
