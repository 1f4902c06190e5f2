import HymbaFormat
import HymbaModel

/// A checkpoint whose layout and architecture are known, with the plan that follows from them. Whether its
/// ledger balances is not checked yet.
struct RecognisedCheckpoint {
  let source: any CheckpointSource
  let match: LayoutMatch
  let found: ArchitectureSearch.Result
  let inventory: ParameterInventory
  let plan: LayoutPlan
  /// The layers of a GGUF file that are kept without use; empty for other checkpoints.
  private let further: Range<Int>

  /// - Throws: ``ConversionError``, ``ModelError``, ``FormatError``; `FileDiagnosis` with the path of a layout
  ///   document for an error in it.
  init(
    _ source: any CheckpointSource, _ location: String, _ options: OpeningOptions
  ) throws {
    try ShardName.requireWhole(location)
    try self.init(source, location, options, Self.match(source, location, options))
  }

  /// The layout that the options name, or else the one that the names of the tensors show.
  /// - Throws: The errors of ``LayoutDetection``, and of reading the layout that the options name.
  static func match(
    _ source: any CheckpointSource, _ location: String, _ options: OpeningOptions
  ) throws -> LayoutMatch {
    if let name = options.layout {
      return try LayoutDetection.require(LayoutCatalog.layout(name), in: source.tensors)
    }
    if let model = try GGUFModel(source) {
      let layout = try LayoutCatalog.layout(Families.family(of: model).ggufLayout)
      return try LayoutDetection.require(layout, in: source.tensors)
    }
    do {
      return try LayoutDetection.detect(
        source.tensors,
        among: LayoutCatalog.builtIn(
          first: Configuration.family(options.configuration, beside: location)))
    } catch {
      let other = Configuration.otherModel(beside: location)
      return try noting(other.map { ["by its config.json this is \($0)"] } ?? []) { throw error }
    }
  }

  /// - Throws: The errors of ``init(_:_:_:)``, but not those of finding the layout.
  init(
    _ source: any CheckpointSource, _ location: String, _ options: OpeningOptions,
    _ match: LayoutMatch
  ) throws {
    try match.layout.configuration.family.requireOriginal(source.tensors)
    let found = try ArchitectureSearch(source, location, match, options).result()
    let inventory = try ParameterInventory(found.architecture)
    do {
      self.plan = try LayoutPlan(
        match.layout, match.variant, found.architecture, inventory,
        isPresent: { source.tensors[$0] != nil })
    } catch {
      guard case .layoutInvalid = error, let document = options.layout else { throw error }
      throw FileDiagnosis(document, error)
    }
    let model = try GGUFModel(source)
    self.source = try model == nil ? source : RankedSource.adjusting(source, to: plan.moves, inventory)
    // Where a key that says it is wrong, the search for the architecture has refused the file, unless it needs no key.
    self.further = (try? model?.furtherLayers()) ?? 0..<0
    self.match = match
    self.found = found
    self.inventory = inventory
  }

  /// Whether a tensor that no parameter is made of is kept, and not used by the model.
  func carries(_ name: String) -> Bool {
    plan.carries(name) || GGUFModel.layer(of: name).map { further.contains($0) } ?? false
  }

  /// Checks that the layers of the architecture are of the same kinds as those of the checkpoint.
  /// - Throws: ``ConversionError/disagreement(_:_:details:)`` where they are not.
  func requireAgreement() throws(ConversionError) {
    try plan.requireAgreement(
      of: found.architecture, origin: found.configuration?.origin ?? "the architecture",
      with: source.tensors)
  }
}
