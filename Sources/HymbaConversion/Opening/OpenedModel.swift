public import HymbaFormat
public import HymbaModel

/// A checkpoint that was recognised: its parameters under our names, what the model is, and how that is
/// known.
public struct OpenedModel: Sendable {
  /// Where it came from, as the user named it.
  public let location: String
  /// Tensors under our names; under their own for a checkpoint kept verbatim.
  public let parameters: any CheckpointSource
  /// Nil for a checkpoint kept verbatim.
  public let architecture: Architecture?
  public let inventory: ParameterInventory?
  /// What a container's manifest says of it.
  public let description: CheckpointDescription
  /// Which layout was chosen and why, one sentence.
  public let reason: String
  /// What happened to each tensor; nil when nothing was mapped.
  public let ledger: Ledger?
  /// Every name in the source with the names that it became, in the order of computation.
  public let mapping: [(from: [String], to: [String])]

  public var container: ContainerSource? { parameters as? ContainerSource }
  public var layout: LayoutReference { description.layout }
  public var assumptions: [String] { description.assumptions }

  /// What a user should know who works with the model. What the conversion into a container left aside is not of
  /// that kind: it was told then, and is among the ``assumptions``.
  public var warnings: [String] {
    container == nil ? assumptions : assumptions.filter { !LeftAside.isNote($0) }
  }

  /// The architecture and inventory, or an error that says why there are none.
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

/// What a user may say of a checkpoint beside naming it.
public struct OpeningOptions: Sendable {
  /// Path of a configuration file.
  public var configuration: String?
  /// Name of a layout, path of a layout document, or `verbatim`.
  public var layout: String?

  public init(configuration: String? = nil, layout: String? = nil) {
    self.configuration = configuration
    self.layout = layout
  }
}

extension OpenedModel {
  /// Opens and recognises a checkpoint. No tensor data is read.
  /// - Throws: the errors of the file's reader, ``ConversionError``, ``ModelError``.
  public static func open(_ input: ModelInput, _ options: OpeningOptions) throws -> OpenedModel {
    let input = try input.located()
    let source = try input.open()
    let location = input.paths.count == 1 ? input.paths[0] : source.location
    return try naming(location) {
      if let container = source as? ContainerSource,
        container.manifest.description.architecture != nil
      {
        return try open(container, location, options)
      }
      if options.layout == LayoutReference.verbatim.name {
        return verbatim(source, location)
      }
      if let container = source as? ContainerSource, options.layout == nil {
        return verbatim(container, location)
      }
      return try noting(NotedSource.added(to: source)) { try map(source, location, options) }
    }
  }

  private static func verbatim(_ source: any CheckpointSource, _ location: String) -> OpenedModel {
    let known = (source as? ContainerSource)?.manifest.description
    return OpenedModel(
      location: location, parameters: source, architecture: nil, inventory: nil,
      description: known
        ?? CheckpointDescription(
          architecture: nil, layout: .verbatim, configuration: source.embeddedConfiguration,
          metadata: source.keptMetadata, files: source.files, assumptions: source.remarks, carried: []),
      reason: "it is kept under its own names", ledger: nil, mapping: [])
  }

  /// A container knows its architecture; what the user says must agree, but for what was assumed.
  private static func open(
    _ container: ContainerSource, _ location: String, _ options: OpeningOptions
  ) throws -> OpenedModel {
    var description = container.manifest.description
    if let path = options.configuration {
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
      reason: "the container says so", ledger: nil, mapping: [])
  }

  private static func map(
    _ source: any CheckpointSource, _ location: String, _ options: OpeningOptions
  ) throws -> OpenedModel {
    let recognised = try RecognisedCheckpoint(source, location, options)
    let (match, found, plan) = (recognised.match, recognised.found, recognised.plan)
    let inventory = recognised.inventory
    let ledger = try noting(found.repetitions) {
      try recognised.requireAgreement()
      return try plan.balance(source.tensors, inventory, isCarried: plan.carries)
    }
    return OpenedModel(
      location: location,
      parameters: try MappedSource(source, moves: plan.moves, carried: ledger.carried),
      architecture: found.architecture, inventory: inventory,
      description: CheckpointDescription(
        architecture: found.architecture.json,
        layout: LayoutReference(
          name: match.layout.name, variant: plan.variant),
        configuration: found.configuration, metadata: source.keptMetadata, files: source.files,
        assumptions: source.remarks + found.assumptions, carried: ledger.carried),
      reason: match.reason, ledger: ledger,
      mapping: plan.moves.map { ($0.sources, $0.targets) })
  }
}
