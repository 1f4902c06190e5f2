package import HymbaFormat
package import HymbaModel

/// A checkpoint as its names, shapes and configuration describe it, and everything in it that does not fit. No
/// tensor data is read.
package struct RecognitionAccount: Sendable {
  /// The name of the layout.
  package let layout: String
  /// The name of the layout's family.
  package let family: String
  package let variant: NameVariant
  package let architecture: Architecture
  /// The name of the configuration that the architecture comes from; nil where it comes from the shapes of the
  /// tensors.
  package let configuration: String?
  /// Sentences about what was assumed, and about options that are not known.
  package let assumptions: [String]
  package let account: LayoutAccount
  /// A message that names the layers whose kinds differ between architecture and checkpoint; nil where they
  /// agree.
  package let disagreement: String?

  /// The parameters that the architecture has.
  package let inventory: ParameterInventory
  /// What each tensor becomes, by its name. Tensors that the layout has no place for are not in it.
  package let uses: [String: TensorUse]

  private let options: OptionTable

  /// Recognises a checkpoint, and accounts for its tensors.
  ///
  /// Where the marks of all layouts are incomplete, the layout of the configuration's family is taken that most
  /// of the tensors fit. So the account can say which names are absent, and a shard can be looked at alone.
  /// - Parameter location: The path beside which the configuration is looked for.
  /// - Throws: The errors of opening a checkpoint, but not those of the account, which are in ``account``.
  package init(
    _ source: any CheckpointSource, at location: String, _ options: OpeningOptions
  ) throws {
    let recognised = try RecognisedCheckpoint(closest: source, location, options)
    let match = recognised.match
    self.layout = match.layout.name
    self.family = match.layout.configuration.name
    self.options = match.layout.configuration.family.options
    self.variant = recognised.plan.variant
    self.architecture = recognised.found.architecture
    self.configuration = recognised.found.configuration?.origin
    self.assumptions = recognised.found.assumptions
    self.inventory = recognised.inventory
    self.uses = TensorUse.all(recognised.plan.moves)
    self.account = recognised.plan.account(
      recognised.source.tensors, recognised.inventory, isCarried: recognised.carries)
    do throws(ConversionError) {
      try recognised.requireAgreement()
      self.disagreement = nil
    } catch { self.disagreement = "\(error)" }
  }

  /// The name in the checkpoint for a name of the layout.
  package func external(_ name: String) -> String { variant.external(name) }

  /// The number that the class of the original takes where a configuration leaves an option out; nil for an
  /// option that has no such number.
  package func classDefault(_ option: String) -> Double? {
    guard case .read(.number(let absent))? = options[option]?.use else { return nil }
    return absent
  }

  /// The flag that the class of the original takes where a configuration leaves an option out; nil for an
  /// option that is no flag.
  package func classFlag(_ option: String) -> Bool? {
    guard case .read(.flag(let absent))? = options[option]?.use else { return nil }
    return absent
  }
}

extension RecognisedCheckpoint {
  /// Recognises a checkpoint of which tensors may be absent: where the marks of all layouts are incomplete, the
  /// layout of the configuration's family is taken that most of the tensors fit.
  /// - Throws: As ``init(_:_:_:)``.
  init(closest source: any CheckpointSource, _ location: String, _ options: OpeningOptions) throws {
    var match: LayoutMatch
    do {
      match = try Self.match(source, location, options)
      // A shard may have the marks of another family's layout, as it lacks what tells them apart.
      if options.layout == nil, (try? ShardName.requireWhole(source.location)) == nil,
        let family = Configuration.family(options.configuration, beside: location),
        family.name != match.layout.configuration.name,
        let own = try LayoutDetection.closest(source.tensors, of: family, share: 1)
      {
        match = own
      }
    } catch {
      guard Self.isIncomplete(error, source.tensors),
        let family = Configuration.family(options.configuration, beside: location),
        let closest = try LayoutDetection.closest(source.tensors, of: family)
      else { throw error }
      match = closest
    }
    try self.init(source, location, options, match)
  }

  /// Whether an error of finding the layout may come of tensors that are absent, as most of a model is from a
  /// shard.
  private static func isIncomplete(_ error: any Error, _ tensors: TensorTable) -> Bool {
    switch (error as? RemarkedDiagnosis)?.cause ?? error {
    case ConversionError.unrecognised: true
    case ConversionError.otherKind: CheckpointKind.recognise(tensors) == nil
    default: false
    }
  }
}

/// What a tensor of a checkpoint becomes.
package struct TensorUse: Hashable, Sendable {
  /// The names of the parameters.
  package var parameters: [String]
  /// Whether the parameters, in order, hold the elements of the tensor in order.
  package var isInOrder: Bool

  static func all(_ moves: [Move]) -> [String: TensorUse] {
    var uses: [String: TensorUse] = [:]
    for move in moves {
      let isInOrder = move.sources.count == 1 && move.passage == .concatenation
      for source in move.sources {
        if var use = uses[source] {
          use.parameters += move.targets
          use.isInOrder = false
          uses[source] = use
        } else {
          uses[source] = TensorUse(parameters: move.targets, isInOrder: isInOrder)
        }
      }
    }
    return uses
  }
}

/// The family that a configuration belongs to.
package enum KnownFamily {
  /// The title of the family of the configuration at `path`, or of the one beside a checkpoint: `a config.json
  /// of a Zamba`; nil where there is none that is known here.
  package static func title(_ path: String?, beside location: String) -> String? {
    Configuration.family(path, beside: location)?.title
  }

  /// The names of the files beside a checkpoint that configurations of known families have.
  package static var configurationFiles: [String] { Families.configurationFiles }
}

extension LayoutDetection {
  /// The layout of a family that the names of the most tensors fit, without regard to its marks; nil where a
  /// smaller share of them fits than `share`.
  static func closest(
    _ tensors: TensorTable, of family: any Family, share: Double = 0.5
  ) throws -> LayoutMatch? {
    var best: (layout: Layout, fitting: Int)?
    for layout in try LayoutCatalog.builtIn() where layout.configuration.name == family.name {
      let patterns = try layout.rules.flatMap(\.from).map { try NamePattern($0) }
        .filter { !$0.standsForAnyName }
      let fitting = tensors.count { tensor in
        patterns.contains { $0.match(tensor.name) != nil }
      }
      if fitting > best?.fitting ?? 0 { best = (layout, fitting) }
    }
    guard let best, Double(best.fitting) >= share * Double(tensors.count) else { return nil }
    return LayoutMatch(
      layout: best.layout, variant: NameVariant(), reason: "its configuration is of that family")
  }
}
