import HymbaFormat
import HymbaModel

/// An option of an ``InferringFamily`` that was assumed, as no source gives it. A manifest remembers it as a
/// sentence.
struct AssumedOption {
  let name: String
  let value: Int
  let why: String

  /// The reason for assuming an option that is in none of the opened files.
  static let silence = ": no configuration says it and no tensor's shape depends on it"

  /// The words between the name and the value in the sentence.
  private static let verb = " is assumed to be "

  var sentence: String { "\(name)\(Self.verb)\(value)\(why)" }

  /// The names of the options that were assumed, from the sentences of a manifest.
  static func names(in sentences: [String]) -> Set<String> {
    Set(sentences.compactMap { name(in: $0) })
  }

  /// The sentences of a manifest that say that an option was assumed.
  static func sentences(in sentences: [String]) -> [String] {
    sentences.filter { name(in: $0) != nil }
  }

  fileprivate static func name(in sentence: String) -> String? {
    Families.inferring.lazy.flatMap(\.optionNames).first { sentence.hasPrefix($0 + verb) }
  }
}

extension OpenedModel {
  /// Whether a sentence of ``assumptions`` says that an option was assumed that none of the opened files gives.
  /// A configuration would settle it.
  public static func isOpenAssumption(_ sentence: String) -> Bool {
    !AssumedOption.names(in: [sentence]).isEmpty && sentence.hasSuffix(AssumedOption.silence)
  }
}

extension CheckpointDescription {
  /// The description with the values of a configuration in place of values that were assumed.
  ///
  /// Only assumed options may be replaced. In all others, the two must agree.
  /// - Parameter origin: The name of what is described, for messages.
  /// - Throws: ``ConversionError/disagreement(_:_:details:)`` where they do not agree.
  func yielding(
    to configuration: Configuration, origin: String = "the container"
  ) throws -> CheckpointDescription {
    let known = try Architecture(json: architecture ?? [])
    let given = try configuration.architecture(hasHead: known.output.isLogits)
    let assumed = AssumedOption.names(in: assumptions)
    let details = known.differencesInWords(from: given)
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
  /// The assumptions in an `Architecture`, as the metadata beside it list them, one sentence each. There are
  /// none in a configuration of another kind.
  func assumptions(in metadata: NameTable<String>) -> [String] {
    guard content is OwnConfiguration, let text = metadata[SafetensorsSource.assumedKey] else {
      return []
    }
    return AssumedOption.sentences(in: text.split(separator: "\n").map(String.init))
  }

  /// The sentences of ``assumptions(in:)`` that no other configuration settles.
  /// - Throws: ``ConversionError/disagreement(_:_:details:)`` where another configuration disagrees in options
  ///   that were not assumed.
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
