import HymbaCheckpoints
public import HymbaFormat
import HymbaModel

/// The export of a checkpoint under the names of a layout, into the files that the output's name asks for.
public struct ModelExport: Sendable {
  /// The tensors under the names that are written.
  public let tensors: any CheckpointSource
  /// The name of the layout that is written, or the path of its document.
  public var layout: String { destination.layout }
  let model: OpenedModel
  let cast: ModelCast?
  private let destination: ExportDestination
  let options: Options

  /// The options of an export.
  public struct Options: Sendable {
    /// The path of the file or folder to write.
    public var output: String
    /// The name of the layout to write, or the path of its document; nil for the one that the checkpoint came
    /// from, or that the output's form needs.
    public var layout: String?
    /// Whether the names are the layout's own, without prefixes that wrappers added to those of the source.
    public var plainNames: Bool
    /// The largest number of bytes of tensor data in one file; nil for all tensors in one file.
    public var shardBytes: Int?
    /// The cast of the tensors; nil to keep their types.
    public var cast: Cast?
    /// The type of the matrices in a GGUF file; nil for the one in which they are.
    package var storage: GGUFStorage?
    /// Whether storing the numbers in a GGUF file may lose more than the limits of a ``Cast`` allow.
    package var acceptsLoss = false
    /// Whether existing files may be replaced.
    public var replace: Bool
    /// The number of threads.
    public var jobs: Int
    /// Whether the output is read again and compared with what was to be written.
    public var verifies: Bool
    /// The name of the writing program, for a container's manifest.
    public var creator: String
    /// The current time in ISO 8601, UTC.
    public var now: String

    public init(
      output: String, layout: String? = nil, plainNames: Bool = false, shardBytes: Int? = nil,
      cast: Cast? = nil,
      replace: Bool = false, jobs: Int, verifies: Bool = true, creator: String, now: String
    ) {
      self.output = output
      self.layout = layout
      self.plainNames = plainNames
      self.shardBytes = shardBytes
      self.cast = cast
      self.replace = replace
      self.jobs = jobs
      self.verifies = verifies
      self.creator = creator
      self.now = now
    }
  }

  /// Prepares an export. Nothing is written, and no tensor data is read.
  ///
  /// - Throws: ``ConversionError/keepsNothing(_:)`` and ``ConversionError/cannotCast(_:_:)`` for a cast that
  ///   does not apply, ``ConversionError`` of the kind `usage` for an output or a layout that does not fit, and
  ///   what ``OpenedModel/exported(to:plainNames:)`` throws.
  public init(_ model: OpenedModel, _ options: Options) throws {
    self.destination = try ExportDestination(
      options.output, layout: options.layout, from: model, isSharded: options.shardBytes != nil)
    let isGGUF = destination.form == .gguf
    // A GGUF file has a type for each tensor, which its writer knows.
    let cast = isGGUF ? nil : try options.cast.map { try ModelCast(model, $0) }
    let model = cast?.model ?? model
    self.tensors =
      destination.form == .container
      ? model.parameters
      : try model.exported(to: destination.layout, plainNames: options.plainNames)
    self.model = model
    self.cast = cast
    self.options = options
  }

  /// The bytes that are written and that ``write(progress:)`` reports. Small files of a folder do not count.
  public var byteCount: Int {
    let attached = destination.form == .container ? model.attached?.tensors.totalBytes ?? 0 : 0
    return tensors.tensors.totalBytes + attached
  }

  /// Writes all files of the export, or none when it fails.
  ///
  /// - Parameter progress: Is called with the number of bytes that were written, and later compared, since the
  ///   last call.
  /// - Throws: ``ConversionError`` for an output that would destroy its source or a cast that loses too much,
  ///   `FormatError/outputExists` for an output that may not be replaced, and the errors of reading and
  ///   writing.
  public func write(progress: (Int) -> Void = { _ in }) throws -> ExportOutcome {
    var outcome = ExportOutcome(
      source: model.location, output: options.output, layout: layout, tensors: tensors.tensors,
      verified: options.verifies)
    if layout == LayoutReference.verbatim.name, destination.form != .container,
      let origin = model.description.configuration?.origin,
      model.description.metadata[SafetensorsSource.architectureKey] == nil
    {
      outcome.notes.append(ExportNote.specNotKept(origin))
    }
    if destination.form != .container, let note = try namesNote() { outcome.notes.append(note) }
    // What is kept beside a parameter is in the parameter.
    let kept = model.architecture.flatMap { ConvertedValues(layout: model.layout.name, $0)?.kept.values }
    let left = model.description.carried.filter { name in
      tensors.tensors[name] == nil && kept?.contains(name) != true
    }
    if !left.isEmpty { outcome.notes.append(ExportNote.leftBehind(left)) }
    if let attached = model.attached {
      let later = (destination.form == .container ? [] : attached.unknownNames) + attached.unnamedEntries
      if !later.isEmpty { outcome.notes.append(ExportNote.laterLeft(later)) }
    }
    try cast?.requireApart(from: options.output)
    switch destination.form {
    case .folder: try writeFolder(&outcome, progress)
    case .file, .edifice, .container, .gguf:
      try model.requireIntact(afterWriting: options.output)
      try naming(options.output) { try writeFile(&outcome, progress) }
      outcome.files = [FileSystem.name(of: options.output)]
    }
    outcome.cast = cast?.report
    outcome.notes += (cast?.losses ?? []).map(ExportNote.lost)
    let leftovers = Leftovers.takeRemoved(for: options.output)
    if !leftovers.isEmpty { outcome.notes.append(ExportNote.leftovers(leftovers)) }
    return outcome
  }

  /// The note for names that are the source's and not those that Hugging Face's libraries look for; nil without
  /// such names.
  private func namesNote() throws -> ExportNote? {
    guard !options.plainNames, layout == model.layout.name,
      try ExportDestination.family(layout)?.isHuggingFace ?? false
    else { return nil }
    return model.layout.variant
      .difference(hasHead: model.architecture?.output.isLogits ?? false)
      .map(ExportNote.sourceNames)
  }

  private func writeFile(_ outcome: inout ExportOutcome, _ progress: (Int) -> Void) throws {
    let (output, replace, jobs) = (options.output, options.replace, options.jobs)
    let conclude = { _ = try cast?.conclude() }
    switch destination.form {
    case .container:
      let writer = ContainerWriter(
        compression: .none, jobs: jobs, replace: replace, creator: options.creator,
        verifies: options.verifies)
      var attachments = Attachments()
      if let attached = model.attached { try attachments.add(attached) }
      try writer.write(
        tensors, model.description, with: attachments, to: output, progress: progress,
        conclude: { [keepsReference = attachments.hasProbes] in
          try cast?.conclude(keepsReference: keepsReference) ?? []
        })
      if attachments.hasProbes, let note = cast?.referenceNote { outcome.notes.append(.referenceBesideCast(note)) }
    case .gguf: try writeGGUF(&outcome, progress)
    case .edifice:
      let spec = try EdificeFamily().spec(of: model).map {
        EdificeSpecification(
          configuration: $0, metadata: model.description.metadata, now: options.now)
      }
      if spec == nil { outcome.notes.append(ExportNote.noSpec) }
      let metadata = try model.exportMetadata(for: layout)
      outcome.notes += Self.metadataNotes(model.description.metadata, written: metadata)
      try EdificeWriter.write(
        tensors, to: output, replace: replace, spec: spec, metadata: metadata, jobs: jobs,
        verifies: options.verifies, progress: progress, conclude: conclude)
    case .file, .folder:
      let file = LoneFile(path: output)
      try file.requireSeen()
      outcome.notes += try ExportDestination.family(layout)?.notes(on: file, of: model) ?? []
      if OutputName.ending(of: output) == nil {
        outcome.notes.append(ExportNote.unnamedForm(FileSystem.name(of: output)))
      }
      try SafetensorsWriter.write(
        tensors, to: output, replace: replace, metadata: model.exportMetadata(for: layout),
        jobs: jobs, verifies: options.verifies, progress: progress, conclude: conclude)
    }
  }

  /// The notes for the metadata beside the spec: which entries are written as texts, and which are left out.
  private static func metadataNotes(
    _ metadata: NameTable<String>, written: NameTable<String>
  ) -> [ExportNote] {
    let texts = Set(written.keys).subtracting(EdificeSpecification.metadataKeys)
    let left = Set(metadata.keys).subtracting(EdificeSpecification.metadataKeys).subtracting(texts)
    return (texts.isEmpty ? [] : [ExportNote.metadataAsTexts(texts.sorted())])
      + (left.isEmpty ? [] : [ExportNote.metadataLeft(left.sorted())])
  }
}
