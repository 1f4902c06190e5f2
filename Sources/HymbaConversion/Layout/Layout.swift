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
  /// Names by which it is recognised: each must be there, under one prefix; one with `{layer}` for any layer.
  public var signature: [Mark]
  /// Names of which none may be there: those by which models of other kinds are told apart.
  public var unlike: [String]?
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
    /// Sources that may be absent: further copies of a tensor. Which were there is remembered. One of them
    /// suffices where the other sources are absent.
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
    } catch let error as ConversionError {
      throw error
    } catch {
      throw .layoutInvalid("\(error)")
    }
    if let known = try? JSONValue(parsing: self.json),
      let unknown = given.members(missingFrom: known).first
    {
      throw .layoutInvalid("a layout has no “\(unknown.printable)”")
    }
    if let null = given.firstNull {
      throw .layoutInvalid(
        "there is null at \(null.printable), where a value is expected or nothing")
    }
    try validate()
  }

  /// The JSON text of the document, as it is written for people.
  public var json: [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    return (try? encoder.encode(self)).map(Array.init) ?? []
  }
}

extension JSONValue {
  /// The path of the first member or element that is null.
  fileprivate var firstNull: String? {
    func search(_ value: JSONValue, _ path: [String]) -> String? {
      switch value {
      case .null: return path.joined(separator: ".")
      case .array(let elements):
        for (index, element) in elements.enumerated() {
          if let found = search(element, path + ["\(index)"]) { return found }
        }
      case .object(let members):
        for (key, member) in members.sorted(by: { $0.key.utf8Precedes($1.key) }) {
          if let found = search(member, path + [key]) { return found }
        }
      default: break
      }
      return nil
    }
    return search(self, [])
  }
}
