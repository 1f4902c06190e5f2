import FoundationEssentials
import HymbaFormat
import HymbaModel

/// How one kind of checkpoint names and shapes what our parameters are: a JSON document, read forwards to
/// import and backwards to export. Its schema is `Schemas/layout.schema.json`.
public struct Layout: Hashable, Sendable, Codable {
  public var name: String
  /// What it is, in one line.
  public var title: String
  /// The kind of configuration that belongs to it.
  public var configuration: ConfigurationFamily
  /// Names by which it is recognised: all must be there, under one prefix; one with `{layer}` for any layer.
  public var signature: [String]
  /// A beginning of names that some checkpoints leave out: `model.` where only the inner model was saved.
  public var optionalPrefix: String?
  /// Options of the configuration that follow from shapes where no configuration exists.
  public var infer: [String: [Inference]]?
  /// Options that no shape tells: the value that is assumed, with a warning.
  public var assume: [String: Int]?
  public var rules: [Rule]

  /// Source names on one side, our names on the other; one of the sides has a single name.
  ///
  /// A rule with `{layer}` holds once for each layer, and once for each of its experts where both sides have
  /// `{expert}`. Where one side alone has `{expert}`, it stands for the tensors of all experts, expert by
  /// expert. Where the sources alone have `{layer}`, they are copies of one tensor, which a checkpoint may
  /// hold under any of the layers for which the rule's condition holds; under which is remembered.
  public struct Rule: Hashable, Sendable, Codable {
    public var from: [String]
    public var to: [String]?
    public var steps: [LayoutStep]?
    public var when: Condition?
    /// Sources that may be absent: further copies of a tensor. Which were there is remembered.
    public var optional: [String]?
    /// The tensor is kept and exported again, but the model never uses it.
    public var carry: Bool?
  }

  /// What the architecture must have, or must not have, for a rule to hold.
  public struct Condition: Hashable, Sendable, Codable {
    /// Parameters that the model must have, and that it must not have.
    public var has: [String]?
    public var lacks: [String]?
    /// Sizes that the layer must have, and that it must not have.
    public var sized: [String]?
    public var unsized: [String]?
  }

  /// Where a size can be read off.
  public struct Inference: Hashable, Sendable, Codable {
    /// The size of `axis` of this tensor, divided by `divide`.
    public var tensor: String?
    public var axis: Int?
    public var divide: Int?
    /// Or: how many tensors have this name, with `{layer}` counting from its first.
    public var count: String?
  }

  /// - Throws: ``ConversionError/layoutInvalid(_:)``.
  public init(json: [UInt8]) throws(ConversionError) {
    // A repeated key would silently win or lose, an unknown one would silently do nothing.
    let given: JSONValue
    do throws(FormatError) { given = try JSONValue(parsing: json) } catch {
      throw .layoutInvalid("\(error)")
    }
    do {
      self = try JSONDecoder().decode(Self.self, from: Data(json))
    } catch let error as DecodingError {
      throw .layoutInvalid(error.sentence)
    } catch {
      throw .layoutInvalid("\(error)")
    }
    if let known = try? JSONValue(parsing: self.json),
      let unknown = given.members(missingFrom: known).first
    {
      throw .layoutInvalid("a layout has no “\(unknown.printable)”")
    }
    try validate()
  }

  private func validate() throws(ConversionError) {
    guard let first = signature.first else { throw .layoutInvalid("its signature is empty") }
    guard !first.contains("{") else {
      throw .layoutInvalid("its signature begins with a name that has a placeholder")
    }
    for name in signature where try NamePattern(name).numbers.contains("expert") {
      throw .layoutInvalid("its signature has a placeholder that is not {layer}")
    }
    for (index, rule) in rules.enumerated() {
      func invalid(_ why: String) -> ConversionError { .layoutInvalid("rule \(index) \(why)") }
      let from = try rule.from.map { name throws(ConversionError) in try NamePattern(name) }
      let to = try (rule.to ?? []).map { name throws(ConversionError) in try NamePattern(name) }
      guard !from.isEmpty else { throw invalid("has no source") }
      let optional = Set(rule.optional ?? [])
      guard optional.isSubset(of: rule.from), optional.count < rule.from.count else {
        throw invalid("has optional names that are not further sources of it")
      }
      if rule.carry == true {
        guard to.isEmpty, (rule.steps ?? []).isEmpty else {
          throw invalid("carries and maps at once")
        }
        continue
      }
      guard !to.isEmpty else { throw invalid("has no target") }
      guard from.count == 1 || to.count == 1 else {
        throw invalid("maps several tensors to several; split it into rules with one on a side")
      }
      try rule.validatePlaceholders(from, to, invalid)
    }
  }

  /// The JSON text of the document, as it is written for people.
  public var json: [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    return (try? encoder.encode(self)).map(Array.init) ?? []
  }
}

extension Layout.Rule {
  /// Whether its source stands for copies of one tensor under several layers.
  var copiesOverLayers: Bool {
    from.contains { $0.contains("{layer") } && !(to ?? []).contains { $0.contains("{layer") }
  }

  fileprivate func validatePlaceholders(
    _ from: [NamePattern], _ to: [NamePattern], _ invalid: (String) -> ConversionError
  ) throws(ConversionError) {
    for placeholder in ["layer", "expert"] {
      for side in [from, to] {
        guard Set(side.map { $0.numbers.contains(placeholder) }).count == 1 else {
          throw invalid("has {\(placeholder)} on some names only")
        }
      }
    }
    let hasLayer = (from: from[0].numbers.contains("layer"), to: to[0].numbers.contains("layer"))
    if hasLayer.to && !hasLayer.from { throw invalid("has {layer} on some names only") }
    if hasLayer.from && !hasLayer.to {
      guard from.count == 1, steps == [.same], optional == nil else {
        throw invalid(
          "has {layer} on its sources only, which is for copies: one name, and the step same")
      }
    }
  }
}
