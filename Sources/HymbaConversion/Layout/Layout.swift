import FoundationEssentials
import HymbaFormat
import HymbaModel

/// The names and shapes that one kind of checkpoint has for our parameters.
///
/// A layout is a JSON document with the schema `Schemas/layout.schema.json`. Its rules are applied forwards to
/// import a checkpoint, and backwards to export it.
public struct Layout: Hashable, Sendable, Codable {
  public var name: String
  /// What the layout is, in one line.
  public var title: String
  /// The kind of configuration that belongs to the layout.
  public var configuration: ConfigurationFamily
  /// The file format that has tensors of these names alone; nil for the formats that take any names.
  public var format: Format?
  /// Names by which the layout is recognised. All must be in the checkpoint under one prefix. A name with
  /// `{layer}` must be there for at least one layer.
  public var signature: [Mark]
  /// Names that must not be in the checkpoint, or must not all be in it. They tell models of other kinds apart.
  public var unlike: [Mark]?
  /// A beginning of names that some checkpoints leave out, such as `model.` where only the inner model was
  /// saved.
  public var optionalPrefix: String?
  /// Options of the configuration that follow from the shapes of tensors, each with the inferences to try in
  /// order. They are needed where no configuration exists, and are compared with one that does.
  public var infer: [String: [Inference]]?
  /// Options that no shape tells, with the values that are assumed. Each assumption gives a warning.
  public var assume: [String: Int]?
  public var rules: [Rule]

  /// A file format with names of its own.
  public enum Format: String, Hashable, Sendable, Codable { case gguf }

  /// A mapping between names of the checkpoint and our names. At least one of the two sides has a single name.
  ///
  /// A rule with `{layer}` on both sides applies once for each layer. With `{expert}` on both sides, it applies
  /// once for each expert of the layer. Where only one side has `{expert}`, that side stands for the tensors of
  /// all experts in order.
  ///
  /// A tensor that layers share may be in a checkpoint several times, and the layers with a copy are remembered.
  /// A source with `{host}` stands for the copies under all layers that use the same shared block. Such a rule
  /// applies once for each `{block}`, or once for each `{layer}` that uses one, of which `{use}` is the number
  /// among those layers. Where only the source has `{layer}`, it stands for copies under all layers for which
  /// the condition of the rule holds.
  public struct Rule: Hashable, Sendable, Codable {
    public var from: [String]
    public var to: [String]?
    public var steps: [LayoutStep]?
    public var when: Condition?
    /// Sources that may be absent, as they are further copies of a tensor. The ones that were there are
    /// remembered. One of them is enough where the other sources are absent.
    public var optional: [String]?
    /// Whether the tensor is kept and exported again, although the model never uses it.
    public var carry: Bool?
  }

  /// What the architecture must have, or must not have, for a rule to apply.
  public struct Condition: Hashable, Sendable, Codable {
    /// `has` names parameters that the model must have, and `lacks` those that it must not have.
    public var has: [String]?
    public var lacks: [String]?
    /// `sized` names sizes that the layer or the model must have, and `unsized` those that it must not have.
    public var sized: [String]?
    public var unsized: [String]?
  }

  /// A way to read a size off the tensors: the length of an axis, or a count of tensors.
  public struct Inference: Hashable, Sendable, Codable {
    /// The tensor whose length along `axis` is the size. The length is divided by `divide`, which is 1 if
    /// absent.
    public var tensor: String?
    public var axis: Int?
    public var divide: Int?
    /// The name to count, with `{layer}`. The size is the number of tensors with this name, for layers counted
    /// from 0 up to the first that is missing.
    public var count: String?
  }

  /// Reads a layout document and checks it.
  /// - Throws: ``ConversionError/layoutInvalid(_:)`` for what is no JSON, is no layout, or has an invalid rule.
  public init(json: [UInt8]) throws(ConversionError) {
    // The decoder would accept a repeated or an unknown key without a word, so they are looked for here.
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

  /// The document as JSON text in UTF-8, indented, with sorted keys.
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
