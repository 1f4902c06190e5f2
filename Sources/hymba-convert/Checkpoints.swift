import ArgumentParser
import HymbaConversion
import HymbaFormat
import HymbaTerminal

struct Checkpoints: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Convert checkpoints to .hymba containers.",
    usage: "hymba-convert checkpoints <sources> ... --output <path> [<options>]",
    discussion: """
      A source is a safetensors file, a Hugging Face folder or index, a PyTorch .bin, .pt or .pth, an \
      HDF5 .h5, a NumPy .npz, a GGUF or an Edifice .nx file or a .hymba container. Files named NAME-00001-of-00004.safetensors (or .bin), \
      given together, are the shards of one model.

      Examples:
        hymba-convert checkpoints Hymba-1.5B-Base -o hymba.hymba
        hymba-convert checkpoints model.nx -o model.hymba --config build_opts.json
        hymba-convert checkpoints a.nx b.nx -o containers/
        hymba-convert checkpoints Hymba-1.5B-Base -o hymba/ --parts 4
        hymba-convert checkpoints Hymba-1.5B-Base --dry-run
        hymba-convert checkpoints fine-tuned/ -o fine-tuned.hymba --base hymba.hymba
      """)

  @Argument(help: "Checkpoints to convert.")
  var sources: [String]

  @Option(
    name: [.short, .long],
    help: ArgumentHelp(
      "The container to write; a folder when there are several.", valueName: "path"))
  var output: String?

  @Flag(
    help:
      "Show the shape of every tensor, the steps, and what it would become; check the output; write nothing.")
  var dryRun = false

  @OptionGroup var parting: PartOptions
  @OptionGroup var writing: WritingOptions
  @OptionGroup var relative: RelativeOptions
  @OptionGroup var keeping: KeepingOptions
  @OptionGroup var casting: CastOptions
  @OptionGroup var shared: SharedOptions

  func validate() throws {
    guard relative.base == nil || writing.compression != .none else {
      throw ValidationError(
        "--compression none stores every tensor as it is, and --base what differs; leave one of them out.")
    }
    guard relative.base == nil && relative.sourceBase == nil || parting.division == nil else {
      throw ValidationError("a model in parts has no base; leave \(relative.base == nil ? "--source-base" : "--base") or the options of parts out.")
    }
  }

  func run() throws {
    try requireWords()
    if let division = parting.division { return try runInParts(division) }
    var inputs: [ModelInput] = []
    var base: ContainerSource?
    try ToolRun.perform {
      try casting.requireFitting(isGGUF: false)
      inputs = try ModelInput.group(sources)
      base = try relative.opened()
      if let output { try requireOutput(output, for: inputs) }
      try requireOneModel(of: inputs)
    }
    if dryRun, casting.dtype != nil, !shared.quiet {
      Terminal.note("note: --dry-run reads no numbers, so it does not tell what --dtype loses")
    }
    try ToolRun.performAll { attempt in
      var models = open(inputs, relativeTo: relative.sourceBase, attempt)
      var outcomes: [ConversionOutcome] = []
      var folder: NewFolder?
      attempt {
        guard let output, !dryRun, !models.isEmpty, isFolder(output, of: inputs.count) else {
          return
        }
        do {
          folder = try naming(output) { try NewFolder(output) }
        } catch {
          models = []
          throw error
        }
      }
      for (input, model) in models {
        attempt {
          if dryRun {
            if let output, !isFolder(output, of: inputs.count) {
              try naming(output) { try OutputFile.requirePlace(output, replace: writing.force) }
            }
            let path = output.map { target($0, input, of: inputs.count) }
            let model = try prepared(model, for: path).cast?.model ?? model
            outcomes.append(ConversionOutcome(model))
            if !shared.json { Terminal.show(lines: DryRunText(model).lines(output: path)) }
          } else if let output {
            outcomes.append(try convert(model, relativeTo: base, to: target(output, input, of: inputs.count)))
          }
        }
      }
      attempt { if shared.json { try Terminal.show(json: ["conversions": outcomes]) } }
      withExtendedLifetime(folder) {}
    }
  }

  /// Refuses words that cannot be meant so. It comes after the parser's own checks, which name a misspelt option.
  private func requireWords() throws {
    if let problem = sources.lazy.compactMap({ ToolRun.misspelling($0, of: HymbaConvert.self) }).first {
      throw ValidationError(problem)
    }
    guard output == nil, !dryRun else { return }
    // The last of several names is probably the output's where nothing is there yet.
    let meant = sources.count > 1 ? sources.last.flatMap { FileSystem.exists($0) ? nil : $0 } : nil
    throw ValidationError(
      "Name what to write with -o, or pass --dry-run." + (meant.map { " Did you mean -o \($0.printable)?" } ?? ""))
  }

  /// Opens all checkpoints before anything is written. Where one of several cannot be opened, none is returned,
  /// so that nothing is written. A dry run returns those that were opened.
  private func open(
    _ inputs: [ModelInput], relativeTo base: String?, _ attempt: ToolRun.Attempts
  ) -> [(input: ModelInput, model: OpenedModel)] {
    var models: [(input: ModelInput, model: OpenedModel)] = []
    let words = ToolWords(baseOption: "--source-base")
    var given: [ModelInput] = []
    attempt { given = try words.speaking { try ModelInput.relative(inputs, to: base) } }
    for input in given {
      attempt {
        let model = try words.speaking { try OpenedModel.open(input, shared.opening) }
        model.showWarnings(quiet: shared.quiet)
        models.append((input, model))
      }
    }
    guard models.count < given.count, inputs.count > 1, !dryRun else { return models }
    Terminal.note(
      "nothing was written, as \(inputs.count - models.count) of \(inputs.count) checkpoints cannot be opened"
    )
    return []
  }

  /// Checks the output's name before any source is opened.
  ///
  /// - Throws: ``ConversionError`` of the kind `usage`.
  private func requireOutput(_ output: String, for inputs: [ModelInput]) throws {
    try OutputName.requireContainer(output)
    guard inputs.count > 1 else { return }
    // A missing source is reported first, as it may be a mistyped command.
    if OutputName.isContainer(output), sources.allSatisfy(FileSystem.exists) {
      throw ConversionError.exportImpossible(
        "“\(FileSystem.name(of: output).printable)” names one container, and there are \(inputs.count) sources; name a folder with -o"
      )
    }
    let sameName = Dictionary(grouping: inputs, by: \.name).filter { $1.count > 1 }.keys.min()
    if let sameName {
      throw ConversionError.exportImpossible(
        "several sources would be written to “\(sameName.printable).hymba”; convert them one at a time, each with its own -o"
      )
    }
  }

  /// - Throws: ``ConversionError`` of the kind `usage` for a reference and several checkpoints.
  private func requireOneModel(of inputs: [ModelInput]) throws {
    guard inputs.count > 1, keeping.reference != nil || keeping.referenceStats != nil else { return }
    throw ConversionError.exportImpossible(
      "a reference is of one model, and there are \(inputs.count) sources; convert them one at a time")
  }

  /// What a conversion writes, apart from the checkpoint itself.
  struct Preparation {
    let cast: ModelCast?
    let description: CheckpointDescription
    let attachments: Attachments

    /// Whether a reference is kept.
    var keepsReference: Bool { attachments.hasProbes }
  }

  /// Checks everything that can be checked before anything is written, and shows the notes about it. A dry run does no
  /// less.
  ///
  /// - Parameter path: The container to write; nil for a dry run that names none.
  func prepared(_ model: OpenedModel, for path: String?) throws -> Preparation {
    if let path { try model.requireIntact(afterWriting: path) }
    let cast = try casting.cast.map { try ModelCast(model, $0) }
    if let path { try cast?.requireApart(from: path) }
    let description = try keeping.described(model)
    let kept = try keeping.kept(with: model, jobs: shared.jobs)
    let prepared = Preparation(cast: cast, description: description, attachments: kept.attachments)
    guard !shared.quiet else { return prepared }
    let rounded = prepared.keepsReference ? cast?.referenceNote : nil
    for note in kept.notes + (rounded.map { [ExportNote.referenceBesideCast($0).sentence] } ?? []) {
      Terminal.note("note: \((path ?? model.location).printable): \(note.printable)")
    }
    return prepared
  }

  private func convert(
    _ model: OpenedModel, relativeTo base: ContainerSource?, to path: String
  ) throws -> ConversionOutcome {
    try base?.requireKept(afterWriting: path)
    let prepared = try prepared(model, for: path)
    let cast = prepared.cast
    let model = cast?.model ?? model
    let manifest = try writing.write(
      model.parameters, prepared.description, with: prepared.attachments, relativeTo: base, to: path,
      jobs: shared.jobs, quiet: shared.quiet,
      conclude: { try cast?.conclude(keepsReference: prepared.keepsReference) ?? [] })
    if !shared.quiet {
      if let note = RelativeOptions.note(on: base, of: path, manifest) { Terminal.note(note) }
      for loss in cast?.losses ?? [] { Terminal.note("note: \(path): \(ExportNote.lost(loss).sentence)") }
    }
    let outcome = try naming(path) {
      ConversionOutcome(
        model, output: try ContainerSource(path), manifest: manifest, verified: writing.verify,
        cast: cast?.report)
    }
    if !shared.json {
      let lines = outcome.lines(width: Terminal.width)
      Terminal.show(lines: shared.quiet ? [lines[0]] : lines)
    }
    return outcome
  }

  private func target(_ output: String, _ input: ModelInput, of count: Int) -> String {
    isFolder(output, of: count) ? FileSystem.path(output, input.name + ".hymba") : output
  }

  private func isFolder(_ output: String, of count: Int) -> Bool {
    count > 1 || OutputName.isFolder(output)
  }
}

extension LayoutReference {
  /// The name of the layout and, where there is one, of its variant.
  var text: String { (variant.text.map { "\(name) \($0)" } ?? name).printable }
}
