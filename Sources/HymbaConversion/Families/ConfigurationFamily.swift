import HymbaFormat
import HymbaModel

/// The kind of configuration that people have beside checkpoints of one family, by its name.
public struct ConfigurationFamily: Hashable, Sendable, Codable {
  let family: any Family

  init(_ family: any Family) { self.family = family }

  /// The family of this name; nil where none has it.
  public init?(named name: String) {
    guard let family = Families.all.first(where: { $0.name == name }) else { return nil }
    self.family = family
  }

  /// The name that the key `configuration` of a layout has.
  public var name: String { family.name }

  /// Whether checkpoints that have it are folders with a `config.json` and safetensors.
  public var isHuggingFace: Bool { family.isHuggingFace }

  /// The names of the models that come with a `config.json`, as a list: `Hymba, Jamba or Zamba`.
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
