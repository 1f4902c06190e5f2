import HymbaFormat
import HymbaModel

/// An option of Edifice's configuration that nothing says and that was assumed, as a manifest remembers it.
struct AssumedOption {
  let name: String
  let value: Int
  let why: String

  /// What stands between the name and the value.
  private static let verb = " is assumed to be "

  var sentence: String { "\(name)\(Self.verb)\(value)\(why)" }

  /// The options that these sentences of a manifest say were assumed.
  static func names(in sentences: [String]) -> Set<String> {
    Set(sentences.compactMap { name(in: $0) })
  }

  fileprivate static func name(in sentence: String) -> String? {
    EdificeConfiguration.optionNames.first { sentence.hasPrefix($0 + verb) }
  }
}

extension CheckpointDescription {
  /// The description with what a configuration says in place of what was assumed.
  ///
  /// What is known may not be replaced: the two must agree but for assumed options.
  /// - Throws: ``ConversionError/disagreement(_:_:details:)``.
  func yielding(to configuration: Configuration) throws -> CheckpointDescription {
    let known = try Architecture(json: architecture ?? [])
    let given = try configuration.architecture(hasHead: known.output.isLogits)
    let assumed = AssumedOption.names(in: assumptions)
    let details = known.differences(from: given)
    if !details.isEmpty {
      guard let mine = EdificeConfiguration.buildOptions(known),
        let theirs = EdificeConfiguration.buildOptions(given),
        mine.allSatisfy({ assumed.contains($0.key) || theirs[$0.key] == $0.value })
      else {
        throw ConversionError.disagreement(
          "the container", configuration.document.origin, details: details)
      }
    }
    let settled = assumed.filter(configuration.gives)
    guard !settled.isEmpty else { return self }
    var description = self
    description.architecture = given.json
    description.configuration = configuration.document
    description.assumptions.removeAll { AssumedOption.name(in: $0).map(settled.contains) ?? false }
    return description
  }
}

extension Configuration {
  /// Whether it says what an option of Edifice's is; an architecture says all of them.
  func gives(_ option: String) -> Bool {
    switch content {
    case .edifice(let options): options[option] != nil
    case .architecture: true
    case .nvidia, .jamba, .zamba: false
    }
  }
}
