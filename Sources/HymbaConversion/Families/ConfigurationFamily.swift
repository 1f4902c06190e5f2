import HymbaFormat
import HymbaModel

/// The kind of configuration that belongs to the checkpoints of one family. Its coded form is its name.
public struct ConfigurationFamily: Hashable, Sendable, Codable {
  let family: any Family

  init(_ family: any Family) { self.family = family }

  /// The family with this name; nil where no family has it.
  public init?(named name: String) {
    guard let family = Families.all.first(where: { $0.name == name }) else { return nil }
    self.family = family
  }

  /// The name, as the key `configuration` of a layout document has it.
  public var name: String { family.name }

  /// Whether the checkpoints are folders with a `config.json` and safetensors files.
  public var isHuggingFace: Bool { family.isHuggingFace }

  /// The models that come with a `config.json`, as a list in words: `Hymba, Jamba, … or Mamba-2`.
  public static var modelNames: String { Families.modelNames }

  public static func == (a: Self, b: Self) -> Bool { a.name == b.name }
  public func hash(into hasher: inout Hasher) { hasher.combine(name) }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    let name = try container.decode(String.self)
    guard let known = Self(named: name) else {
      throw DecodingError.dataCorruptedError(
        in: container,
        debugDescription: "Cannot initialize ConfigurationFamily from invalid String value \(name)")
    }
    self = known
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(name)
  }
}
