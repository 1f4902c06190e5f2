import HymbaFormat
import HymbaModel

/// Finds the architecture of a recognised checkpoint.
///
/// The sources are, in this order: the configuration that the user names, the one inside the file, those beside
/// it, the shapes of the tensors, and documented defaults. Two sources that disagree are an error. Where values
/// of the configuration inside the file were assumed, it comes last among the configurations.
struct ArchitectureSearch {
  struct Result {
    let architecture: Architecture
    let configuration: ConfigurationDocument?
    let assumptions: [String]
    /// The assumptions that say that a value is given more than once. They may explain an error that comes
    /// later.
    let repetitions: [String]
  }

  private let source: any CheckpointSource
  private let match: LayoutMatch
  /// The configurations, with the most authority first.
  private let configurations: [Configuration]
  /// The assumptions in the configuration inside the file that no other configuration settles, one sentence
  /// each.
  private let ownAssumptions: [String]

  init(
    _ source: any CheckpointSource, _ location: String, _ match: LayoutMatch,
    _ options: OpeningOptions
  ) throws {
    let named = try options.configuration.map { try Configuration(reading: $0) }
    self.source = source
    self.match = match
    if let model = try GGUFModel(source) {
      (self.configurations, self.ownAssumptions) = try Self.configurations(of: model, named, match.layout)
      return
    }
    var besides: [Configuration] = []
    let folder = FileSystem.isDirectory(location) ? location : FileSystem.folder(of: location)
    // A file of another program beside the checkpoint is no error where another configuration exists.
    var failure: (any Error)?
    for name in Families.configurationFiles {
      let path = FileSystem.path(folder, name)
      guard FileSystem.hasEntry(path) else { continue }
      do {
        besides.append(try Configuration(reading: path))
      } catch {
        failure = failure ?? error
      }
    }
    let own = try source.embeddedConfiguration.map { own in
      try naming(own.origin) { try Configuration(own) }
    }
    let others = (named.map { [$0] } ?? []) + besides
    let assumed = own?.assumptions(in: source.metadata) ?? []
    self.ownAssumptions = try own?.unsettled(assumed, by: others) ?? []
    if assumed.isEmpty {
      self.configurations = [named, own].compactMap(\.self) + besides
    } else {
      // A value that was assumed yields to every other configuration.
      self.configurations = others + (ownAssumptions.isEmpty ? [] : [own].compactMap(\.self))
    }
    if configurations.isEmpty, let failure { throw failure }
  }

  /// The configurations of a GGUF file: the one that the user names, and the one made of the file's keys. What lies
  /// beside such a file has nothing to do with it.
  private static func configurations(
    of model: GGUFModel, _ named: Configuration?, _ layout: Layout
  ) throws -> ([Configuration], assumptions: [String]) {
    guard let family = layout.configuration.family as? any GGUFFamily else { return (named.map { [$0] } ?? [], []) }
    let (own, assumptions) = try GGUFConfiguration.read(model, of: family, completedBy: named)
    return ([named, own].compactMap(\.self), assumptions)
  }

  func result() throws -> Result {
    let inferred = try match.layout.inferredOptions(match.variant, source.tensors)
    guard let first = configurations.first else { return try infer(inferred) }
    let repetitions = configurations.flatMap(\.repetitions)
    return try noting(repetitions) { try result(first, inferred, repetitions) }
  }

  private func result(
    _ first: Configuration, _ inferred: [String: Inferred], _ repetitions: [String]
  ) throws -> Result {
    try checkShapes(inferred)
    try checkFamilies()
    let architecture = try architecture(of: first)
    for other in configurations.dropFirst() {
      let details = try architecture.differencesInWords(from: self.architecture(of: other))
      guard details.isEmpty else {
        throw ConversionError.disagreement(
          first.name(beside: other), other.name(beside: first), details: details)
      }
    }
    return Result(
      architecture: architecture, configuration: first.document,
      assumptions: configurations.flatMap(\.notes) + silentDefaults() + headless(architecture),
      repetitions: repetitions)
  }

  /// The architecture that a configuration describes, completed by what only the tensors or another
  /// configuration tell.
  private func architecture(of configuration: Configuration) throws -> Architecture {
    guard let options = configuration.content as? WholeOptions else {
      return try configuration.architecture(hasHead: hasHead(configuration))
    }
    guard !isOwn(configuration) else { return try options.architecture(hasHead: nil) }
    let family = options.inferring
    let others = family.untold.keys.compactMap { name in
      given(name, family).map { (name, $0) }
    }
    return try options.completed(by: Dictionary(uniqueKeysWithValues: others))
      .architecture(hasHead: nil)
  }

  /// Whether a Hugging Face checkpoint has an output head; nil where its tensors do not tell. A model without a
  /// head may come with the configuration of the whole model. Its names show it: they are those of the inner
  /// model.
  private func hasHead(_ configuration: Configuration) throws -> Bool? {
    guard match.layout.configuration.isHuggingFace else { return nil }
    if source.tensors[match.variant.external("lm_head.weight")] != nil { return true }
    let isInnerModel = !match.variant.omitted.isEmpty
    return try isInnerModel && configuration.architecture().output == .logits ? false : nil
  }

  /// A note for a model without an output head, which ends with hidden states; empty for other models.
  private func headless(_ architecture: Architecture) -> [String] {
    architecture.output == .hiddenStates
      ? [
        "the checkpoint has no head: what is computed ends with the hidden states after the final norm, and there are no logits"
      ] : []
  }

  /// The value that the first configuration with this option gives; nil where none gives it. It is for options
  /// that no shape tells. The configuration inside the file gives the default by leaving the option out.
  private func given(_ option: String, _ family: any InferringFamily) -> Int? {
    configurations.lazy.compactMap { configuration in
      let content = configuration.content
      return content.value(of: option, in: family)
        ?? (content is WholeOptions && isOwn(configuration) ? family.untold[option] : nil)
    }.first
  }

  private func isOwn(_ configuration: Configuration) -> Bool {
    configuration.document == source.embeddedConfiguration
  }

  /// The result without any configuration, from the shapes of the tensors and the documented defaults of the
  /// layout.
  /// - Throws: ``ConversionError/configurationNeeded(layout:)`` where the layout is not of an
  ///   ``InferringFamily``.
  private func infer(_ inferred: [String: Inferred]) throws -> Result {
    guard let family = match.layout.configuration.family as? any InferringFamily else {
      throw ConversionError.configurationNeeded(layout: match.layout.name)
    }
    let assumed = family.untold.merging(match.layout.assume ?? [:]) { $1 }
      .filter { inferred[$0.key] == nil }
    let options = assumed.merging(inferred.mapValues(\.value)) { $1 }
    let shapes = inferred.keys.sorted().map { "\($0) \(inferred[$0]?.value ?? 0)" }
    return Result(
      architecture: try family.architecture(
        options, origin: "no configuration, and the tensors"),
      configuration: nil,
      assumptions: assumed.sorted { $0.key < $1.key }.map { name, value in
        AssumedOption(
          name: name, value: value,
          why: AssumedOption.silence
        ).sentence
      } + ["read off the tensors' shapes: \(shapes.joined(separator: ", "))"],
      repetitions: [])
  }

  /// Checks that every configuration is of the kind that the layout has, or an architecture, which fits every
  /// layout.
  private func checkFamilies() throws(ConversionError) {
    let wanted = match.layout.configuration.family
    for configuration in configurations where !wanted.fitsAnyLayout {
      let family = configuration.family
      guard family.name == wanted.name || family.fitsAnyLayout else {
        throw .disagreement(
          configuration.document.origin, "the tensors",
          details: [
            "it is \(family.title), but they have the names of the layout \(match.layout.name)"
          ])
      }
    }
  }

  /// Checks that no configuration contradicts the shapes of the tensors.
  private func checkShapes(_ inferred: [String: Inferred]) throws(ConversionError) {
    for configuration in configurations {
      guard let options = configuration.content as? WholeOptions else { continue }
      var details: [String] = []
      for (name, found) in inferred.sorted(by: { $0.key < $1.key }) {
        if let value = options.values[name], value != found.value {
          details.append("\(name) is \(value), but \(found.evidence)")
        }
      }
      guard details.isEmpty else {
        throw .disagreement(configuration.document.origin, "the tensors", details: details)
      }
    }
  }

  /// Sentences about options that were assumed: those of ``ownAssumptions``, or else those that no shape tells
  /// and no configuration gives.
  private func silentDefaults() -> [String] {
    guard ownAssumptions.isEmpty else { return ownAssumptions }
    guard let first = configurations.first, let options = first.content as? WholeOptions else {
      return []
    }
    let family = options.inferring
    return family.untold.sorted { $0.key < $1.key }.filter { given($0.key, family) == nil }.map {
      AssumedOption(
        name: $0.key, value: $0.value,
        why: ", its default, as \(first.document.origin) does not give it"
      ).sentence
    }
  }
}
