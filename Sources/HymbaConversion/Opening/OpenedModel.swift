public import HymbaFormat
public import HymbaModel

/// A checkpoint that was recognised: its parameters under our names, its architecture, and how that
/// architecture is known.
public struct OpenedModel: Sendable {
  /// The path of the checkpoint as the user named it; for several shards, the path of their folder.
  public let location: String
  /// The tensors under our names; for a checkpoint kept verbatim, under their own names.
  public let parameters: any CheckpointSource
  /// The architecture of the model; nil for a checkpoint kept verbatim.
  public let architecture: Architecture?
  public let inventory: ParameterInventory?
  /// The description of the model, as the manifest of a container has it.
  public let description: CheckpointDescription
  /// A clause that says why the layout was chosen: `it has model.embed_tokens.weight, …`.
  public let reason: String
  /// The account of every tensor; nil for a checkpoint that was not mapped by a layout.
  public let ledger: Ledger?
  /// Which tensors of the checkpoint become which parameters, in the order of the rules of the layout. Tensors that
  /// several layers share come last. Carried tensors are not in it.
  public let mapping: [TensorMapping]
  /// What the container that was opened keeps beside the tensors; nil for another checkpoint.
  package var attached: AttachedSource?

  public var container: ContainerSource? { parameters as? ContainerSource }
  public var layout: LayoutReference { description.layout }
  public var assumptions: [String] { description.assumptions }

  /// The sentences that a user of the model should see. Those about what was left aside when a container was
  /// made are only in ``assumptions``, as the user saw them then.
  public var warnings: [String] {
    container == nil ? assumptions : assumptions.filter { !LeftAside.isNote($0) }
  }

  /// The architecture and the inventory.
  /// - Parameter purpose: What they are needed for, for the message.
  /// - Throws: `FileDiagnosis` with ``ConversionError/architectureNeeded(_:)`` for a checkpoint kept verbatim.
  public func requireArchitecture(
    for purpose: String
  ) throws -> (Architecture, ParameterInventory) {
    guard let architecture, let inventory else {
      throw FileDiagnosis(
        location,
        ConversionError.architectureNeeded(
          "it is kept verbatim, without an architecture, so \(purpose) is not possible; convert the original with a layout"
        ))
    }
    return (architecture, inventory)
  }
}

/// The options with which a user may open a checkpoint.
public struct OpeningOptions: Sendable {
  /// The path of a configuration file; nil for the one in or beside the checkpoint.
  public var configuration: String?
  /// The name of a layout, the path of a layout document, or `verbatim`; nil to recognise the layout.
  public var layout: String?

  public init(configuration: String? = nil, layout: String? = nil) {
    self.configuration = configuration
    self.layout = layout
  }
}

extension OpenedModel {
  /// Opens and recognises a checkpoint. No tensor data is read.
  /// - Throws: `FileDiagnosis` with the path, and with an error of the reader of the file, ``ConversionError``
  ///   or `ModelError`; with `FormatError` for a container whose base is not there.
  public static func open(_ input: ModelInput, _ options: OpeningOptions) throws -> OpenedModel {
    let input = try input.located()
    let source = try input.open()
    return try open(source, at: input.paths.count == 1 ? input.paths[0] : source.location, options)
  }

  /// Opens a checkpoint as ``open(_:_:)`` does, with a configuration for what would be assumed otherwise.
  /// - Parameter configuration: The path of the configuration; nil for none. It is not read where nothing that it could
  ///   settle is assumed.
  /// - Throws: As ``open(_:_:)``.
  package static func open(_ input: ModelInput, settlingBy configuration: String?) throws -> OpenedModel {
    let model = try open(input, OpeningOptions())
    // A GGUF file leaves out options, whatever its keys say.
    guard let configuration,
      try model.assumptions.contains(where: isOpenAssumption) || model.isCompletedByConfiguration
    else { return model }
    return try open(input, OpeningOptions(configuration: configuration))
  }

  /// Recognises a checkpoint that is open.
  /// - Parameter location: The path beside which the configuration is looked for.
  /// - Throws: `FileDiagnosis` with the path, and with ``ConversionError`` or ``ModelError``.
  package static func open(
    _ source: any CheckpointSource, at location: String, _ options: OpeningOptions
  ) throws -> OpenedModel {
    var model = try opened(source, at: location, options)
    model.attached = (source as? ContainerSource)?.attached
    return model
  }

  private static func opened(
    _ source: any CheckpointSource, at location: String, _ options: OpeningOptions
  ) throws -> OpenedModel {
    try naming(location) {
      try (source as? ContainerSource)?.requireBase()
      if let container = source as? ContainerSource,
        container.manifest.description.architecture != nil
      {
        return try open(container, location, options)
      }
      if options.layout == LayoutReference.verbatim.name {
        return verbatim(source, location)
      }
      if let part = (source as? ContainerSource)?.manifest.part {
        throw ConversionError.onePart(
          part.number, of: part.count, folder: FileSystem.folder(of: source.location).printable)
      }
      if let container = source as? ContainerSource, options.layout == nil {
        return verbatim(container, location)
      }
      return try noting(NotedSource.added(to: source)) { try map(source, location, options) }
    }
  }

  /// A checkpoint under its own names, which may be of any kind.
  package static func verbatim(_ source: any CheckpointSource, _ location: String) -> OpenedModel {
    let known = (source as? ContainerSource)?.manifest.description
    return OpenedModel(
      location: location, parameters: source, architecture: nil, inventory: nil,
      description: known
        ?? CheckpointDescription(
          architecture: nil, layout: .verbatim, configuration: source.embeddedConfiguration,
          metadata: source.keptMetadata, files: source.files, assumptions: source.remarks, carried: []),
      reason: "it is kept under its own names", ledger: nil, mapping: [],
      attached: (source as? ContainerSource)?.attached)
  }

  /// Opens a container, which knows its architecture. A configuration that the user names must agree with it,
  /// except in values that were assumed.
  private static func open(
    _ container: ContainerSource, _ location: String, _ options: OpeningOptions
  ) throws -> OpenedModel {
    var description = container.manifest.description
    if let path = options.configuration {
      var alone = options
      alone.configuration = nil
      var model = try open(container, location, alone)
      model.attached = container.attached
      if let completed = try completed(model, by: options) { return completed }
      description = try description.yielding(to: try Configuration(reading: path))
    }
    let architecture = try Architecture(json: description.architecture ?? [])
    if let layout = options.layout, case let name = try LayoutCatalog.name(layout),
      name != "hymba", name != description.layout.name
    {
      throw ConversionError.containerHasLayout(description.layout.name, asked: layout)
    }
    return OpenedModel(
      location: location, parameters: container, architecture: architecture,
      inventory: try container.inventory(of: architecture), description: description,
      reason: "its manifest says it", ledger: nil, mapping: [])
  }

  static func map(
    _ source: any CheckpointSource, _ location: String, _ options: OpeningOptions
  ) throws -> OpenedModel {
    let recognised = try RecognisedCheckpoint(source, location, options)
    let (match, found, plan) = (recognised.match, recognised.found, recognised.plan)
    let inventory = recognised.inventory
    let ledger = try noting(found.repetitions) {
      try recognised.requireAgreement()
      return try plan.balance(recognised.source.tensors, inventory, isCarried: recognised.carries)
    }
    return OpenedModel(
      location: location,
      parameters: try ComputedSource.undoing(
        plan.moves, in: MappedSource(recognised.source.copied, moves: plan.moves, carried: ledger.carried)),
      architecture: found.architecture, inventory: inventory,
      description: CheckpointDescription(
        architecture: found.architecture.json,
        layout: LayoutReference(
          name: match.layout.name, variant: plan.variant),
        configuration: found.configuration, metadata: source.keptMetadata, files: source.files,
        assumptions: source.remarks + found.assumptions, carried: ledger.carried),
      reason: match.reason, ledger: ledger,
      mapping: plan.moves.map { TensorMapping($0, in: recognised.source.tensors) })
  }
}
