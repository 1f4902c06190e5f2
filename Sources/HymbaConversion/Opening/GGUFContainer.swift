import HymbaCheckpoints
import HymbaFormat
import HymbaModel

extension OpenedModel {
  /// A container that was made of a GGUF file, completed by a configuration as that file itself is.
  ///
  /// - Parameter container: The model of the container alone.
  /// - Returns: Nil for a container of another origin, and for one that does not keep the keys of its file.
  /// - Throws: As ``open(_:_:)`` for a configuration that contradicts the keys.
  static func completed(_ container: OpenedModel, by options: OpeningOptions) throws -> OpenedModel? {
    guard let keys = try container.keptKeys else { return nil }
    // The notes of the container are in its manifest.
    let file = NotedSource(
      try container.exported(to: container.layout.name),
      configuration: ConfigurationDocument(
        origin: GGUFSource.keysOrigin, text: String(decoding: try keys.json.text, as: UTF8.self)))
    let alone = try RecognisedCheckpoint(file, container.location, OpeningOptions())
    var completed = try map(file, container.location, options)
    var description = container.description
    description.architecture = completed.description.architecture
    description.configuration = completed.description.configuration
    // What is assumed without the configuration is settled by it.
    description.assumptions.removeAll(where: alone.found.assumptions.contains)
    description.assumptions += completed.assumptions.filter { !description.assumptions.contains($0) }
    let isMultipliedAlike = container.architecture?.allFactors == completed.architecture?.allFactors
    completed = OpenedModel(
      location: container.location, parameters: isMultipliedAlike ? container.parameters : completed.parameters,
      architecture: completed.architecture, inventory: completed.inventory, description: description,
      reason: container.reason, ledger: completed.ledger, mapping: completed.mapping)
    completed.attached = container.attached
    return completed
  }

  /// The keys that a container keeps of the GGUF file that it was made of; nil where it keeps none.
  private var keptKeys: GGUFKeys? {
    get throws { try container != nil && isFromGGUF ? ggufKeys : nil }
  }

  /// Whether a configuration settles what a GGUF file leaves out.
  var isCompletedByConfiguration: Bool {
    get throws { try isFromGGUF && (container == nil || keptKeys != nil) }
  }
}

extension Architecture {
  /// The factors of the whole model, and those of each layer.
  fileprivate var allFactors: [[String: Double]] { ([nil] + layers.indices.map(Optional.some)).map(factors) }
}
