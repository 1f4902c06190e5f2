import HymbaFormat
import HymbaModel

/// An option of an ``InferringFamily`` that nothing says and that was assumed, as a manifest remembers it.
struct AssumedOption {
  let name: String
  let value: Int
  let why: String

  /// Why an option is assumed that is in nothing that was opened.
  static let silence = ": no configuration says it and no tensor's shape depends on it"

  /// What stands between the name and the value.
  private static let verb = " is assumed to be "

  var sentence: String { "\(name)\(Self.verb)\(value)\(why)" }

  /// The options that these sentences of a manifest say were assumed.
  static func names(in sentences: [String]) -> Set<String> {
    Set(sentences.compactMap { name(in: $0) })
  }

  /// Of sentences of a manifest, those that say what was assumed.
  static func sentences(in sentences: [String]) -> [String] {
    sentences.filter { name(in: $0) != nil }
  }

  fileprivate static func name(in sentence: String) -> String? {
    Families.inferring.lazy.flatMap(\.optionNames).first { sentence.hasPrefix($0 + verb) }
  }
}

extension OpenedModel {
  /// Whether a sentence of ``assumptions`` says that an option was assumed of which nothing that was opened says
  /// anything, so that a configuration would settle it.
  public static func isOpenAssumption(_ sentence: String) -> Bool {
    !AssumedOption.names(in: [sentence]).isEmpty && sentence.hasSuffix(AssumedOption.silence)
  }
}

extension CheckpointDescription {
  /// The description with what a configuration says in place of what was assumed.
  ///
  /// What is known may not be replaced: the two must agree but for assumed options.
  /// - Throws: ``ConversionError/disagreement(_:_:details:)``.
  func yielding(
    to configuration: Configuration, origin: String = "the container"
  ) throws -> CheckpointDescription {
    let known = try Architecture(json: architecture ?? [])
    let given = try configuration.architecture(hasHead: known.output.isLogits)
    let assumed = AssumedOption.names(in: assumptions)
    let details = known.differences(from: given)
    if !details.isEmpty {
      let differsInAssumed = Families.inferring.contains { family in
        guard let mine = family.options(of: known), let theirs = family.options(of: given) else {
          return false
        }
        return mine.allSatisfy { assumed.contains($0.key) || theirs[$0.key] == $0.value }
      }
      guard differsInAssumed else {
        throw ConversionError.disagreement(
          origin, configuration.document.origin, details: details)
      }
    }
    let settled = assumed.filter(configuration.content.gives)
    guard !settled.isEmpty else { return self }
    var description = self
    description.architecture = given.json
    description.configuration = configuration.document
    description.assumptions.removeAll { AssumedOption.name(in: $0).map(settled.contains) ?? false }
    return description
  }
}

extension Configuration {
  /// What the metadata beside an `Architecture` says was assumed in it, each a sentence.
  func assumptions(in metadata: NameTable<String>) -> [String] {
    guard content is OwnConfiguration, let text = metadata[SafetensorsSource.assumedKey] else {
      return []
    }
    return AssumedOption.sentences(in: text.split(separator: "\n").map(String.init))
  }

  /// Those of ``assumptions(in:)`` that no other configuration settles.
  /// - Throws: ``ConversionError/disagreement(_:_:details:)`` when one of them disagrees otherwise.
  func unsettled(_ assumptions: [String], by others: [Configuration]) throws -> [String] {
    var description = CheckpointDescription(
      architecture: Array(document.text.utf8), layout: LayoutReference(name: "hymba"),
      configuration: document, metadata: [:], files: [], assumptions: assumptions, carried: [])
    for other in others
    where AssumedOption.names(in: description.assumptions).contains(where: other.content.gives) {
      description = try description.yielding(to: other, origin: document.origin)
    }
    return description.assumptions
  }
}
