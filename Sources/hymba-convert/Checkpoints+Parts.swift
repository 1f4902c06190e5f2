import HymbaConversion
import HymbaFormat
import HymbaTerminal

extension Checkpoints {
  /// Converts one checkpoint into a model in parts: all of them and the index, one part, or the index.
  func runInParts(_ division: PartPlan.Division) throws {
    try ToolRun.perform {
      try casting.requireFitting(isGGUF: false)
      let inputs = try ModelInput.group(sources)
      guard inputs.count == 1 else {
        throw ConversionError.exportImpossible(
          "a folder of parts holds one model, and there are \(inputs.count) sources; convert them one at a time")
      }
      if let output { try requireFolder(output) }
      let model = try OpenedModel.open(inputs[0], shared.opening)
      model.showWarnings(quiet: shared.quiet)
      let folder = output
      let conversion = try PartedConversion(self, model, division, into: folder)
      let outcome = dryRun ? conversion.planned : try conversion.run()
      if shared.json { return try Terminal.show(json: ["conversions": [outcome]]) }
      if dryRun { return Terminal.show(lines: DryRunText(model).lines(output: folder) + conversion.planLines) }
      let lines = outcome.lines(width: Terminal.width)
      Terminal.show(lines: shared.quiet ? [lines[0]] : lines)
    }
  }

  /// - Throws: ``ConversionError`` of the kind `usage` for the name of a file.
  private func requireFolder(_ output: String) throws {
    try OutputName.requireContainer(output)
    guard OutputName.isContainer(output) else { return }
    throw ConversionError.exportImpossible(
      "“\(FileSystem.name(of: output).printable)” names one container, and parts are several; name a folder with -o")
  }
}

/// The conversion of a checkpoint into a model in parts.
private struct PartedConversion {
  private let command: Checkpoints
  private let model: OpenedModel
  private let prepared: Checkpoints.Preparation
  private let writer: PartsWriter
  /// The parts that are to be written.
  private let numbers: ClosedRange<Int>

  private var plan: PartPlan { writer.plan }

  /// - Parameter folder: The folder to write into; nil for a dry run that names none.
  init(_ command: Checkpoints, _ model: OpenedModel, _ division: PartPlan.Division, into folder: String?) throws {
    let prepared = try command.prepared(model, for: folder)
    var description = prepared.description
    // Said of the model and not of a part, as the reference is the model's.
    if prepared.keepsReference, let note = prepared.cast?.referenceNote { description.assumptions.append(note) }
    let writer = command.writing.writer(jobs: command.shared.jobs)
    let plan = try PartPlan(
      (prepared.cast?.model ?? model).parameters.tensors, division, attachments: prepared.attachments.tensors,
      description: description, writer: writer)
    if let part = command.parting.part, part > plan.count {
      throw FormatError.partsImpossible("there is no part \(part): the model is divided into \(plan.count)")
    }
    self.command = command
    self.model = model
    self.prepared = prepared
    self.writer = PartsWriter(plan, with: writer, into: folder ?? "")
    self.numbers = command.parting.part.map { $0...$0 } ?? 1...plan.count
  }

  func run() throws -> ConversionOutcome {
    guard !command.parting.finish else {
      guard FileSystem.isDirectory(writer.folder) else {
        throw FileDiagnosis(writer.folder, FormatError.partsMissing(Array(numbers), of: plan.count))
      }
      return outcome(of: try writer.finish(), lines: [], isCompared: false, cast: nil)
    }
    for number in numbers { try model.requireIntact(afterWriting: writer.path(number)) }
    let folder = try naming(writer.folder) { try NewFolder(writer.folder) }
    defer { withExtendedLifetime(folder) {} }
    try writer.requirePlace(for: numbers)
    warnOfFullDisk()
    var lines: [ConversionOutcome.Part] = []
    var cast: CastReport?
    for number in numbers {
      let (line, report) = try write(number)
      lines.append(line)
      cast = report.map { cast?.adding($0) ?? $0 }
    }
    let isCompared = lines.allSatisfy { $0.kept || command.writing.verify }
    guard command.parting.part == nil else { return outcome(of: lines[0], isCompared: isCompared) }
    return outcome(of: try writer.finish(), lines: lines, isCompared: isCompared, cast: cast)
  }

  /// Warns as for one container, of the parts that are not there yet.
  private func warnOfFullDisk() {
    let absent = numbers.filter { command.writing.force || !FileSystem.exists(writer.path($0)) }
    guard let first = absent.first else { return }
    let attached = first == 1 ? prepared.attachments.tensors.totalBytes : 0
    command.writing.warnOfFullDisk(
      absent.reduce(attached) { $0 + bytes(of: $1) }, writer.path(first), quiet: command.shared.quiet)
  }

  /// The bytes of the tensors of a part.
  private func bytes(of number: Int) -> Int { plan.shares[number - 1].reduce(0) { $0 + $1.byteCount } }

  /// - Returns: What was done, and what the cast did to the tensors of the part.
  private func write(_ number: Int) throws -> (ConversionOutcome.Part, CastReport?) {
    let path = writer.path(number)
    // What a cast did is told of each part, so that the part is the same whoever makes the others.
    let cast = try command.casting.cast.map { try ModelCast(model, $0) }
    let bar = ProgressBar(
      "writing \(writer.name(number))", total: bytes(of: number) * (command.writing.verify ? 2 : 1), quiet: command.shared.quiet)
    defer {
      bar.finish()
      Terminal.noteLeftovers(of: path, quiet: command.shared.quiet)
    }
    let outcome = try writer.write(
      number, of: (cast?.model ?? model).parameters, with: prepared.attachments, jobs: command.shared.jobs,
      progress: { bar.advance(by: $0) }, conclude: { try cast?.conclude() ?? [] })
    if !command.shared.quiet {
      for loss in cast?.losses ?? [] { Terminal.note("note: \(path): \(ExportNote.lost(loss).sentence)") }
    }
    let line = part(number, fileBytes: try naming(path) { try InputFile(path).byteCount }, kept: outcome == .kept)
    return (line, cast?.report)
  }

  // MARK: What is told

  private func outcome(
    of whole: ContainerSource, lines: [ConversionOutcome.Part], isCompared: Bool, cast: CastReport?
  ) -> ConversionOutcome {
    var outcome = ConversionOutcome(
      prepared.cast?.model ?? model, output: whole, manifest: whole.manifest, verified: isCompared, cast: cast)
    outcome.parts = lines.isEmpty ? zip(1..., whole.files).map { part($0, fileBytes: $1.bytes) } : lines
    return outcome
  }

  private func outcome(of part: ConversionOutcome.Part, isCompared: Bool) -> ConversionOutcome {
    var outcome = ConversionOutcome(prepared.cast?.model ?? model, verified: isCompared)
    outcome.output = writer.path(part.number)
    outcome.outputBytes = part.fileBytes
    outcome.parts = [part]
    return outcome
  }

  /// What would be written.
  var planned: ConversionOutcome {
    var outcome = ConversionOutcome(prepared.cast?.model ?? model)
    outcome.parts = numbers.map { part($0, fileBytes: nil) }
    return outcome
  }

  /// What would be written, for people.
  var planLines: [String] {
    numbers.map { number in
      let part = part(number, fileBytes: nil)
      return "  \(part.file): \(String.counted(part.tensors, "tensor")), \(part.bytes.byteText)"
    }
  }

  private func part(_ number: Int, fileBytes: Int?, kept: Bool = false) -> ConversionOutcome.Part {
    let share = plan.shares[number - 1]
    return ConversionOutcome.Part(
      number: number, count: plan.count, file: writer.name(number), tensors: share.count,
      bytes: bytes(of: number), fileBytes: fileBytes, kept: kept)
  }
}
