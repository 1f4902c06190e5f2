/// The kinds of configuration that people have beside their checkpoints.
public enum ConfigurationFamily: String, Sendable, Codable {
  /// Build options of Edifice, or its spec.
  case edifice
  /// NVIDIA's config.json of a Hymba.
  case nvidiaHymba = "nvidia-hymba"
  /// AI21's config.json of a Jamba.
  case jamba
  /// Zyphra's config.json of a Zamba, version 1.
  case zamba
  /// Our own `Architecture` JSON.
  case architecture

  /// Whether checkpoints that have it are folders with a `config.json` and safetensors.
  public var isHuggingFace: Bool {
    switch self {
    case .nvidiaHymba, .jamba, .zamba: true
    case .edifice, .architecture: false
    }
  }

  /// Those of ``isHuggingFace``.
  static let huggingFace: [Self] = [.nvidiaHymba, .jamba, .zamba]

  /// The model that it describes, with an article.
  var modelTitle: String {
    switch self {
    case .edifice: "a Hymba of Edifice's"
    case .nvidiaHymba: "a Hymba of NVIDIA's"
    case .jamba: "a Jamba"
    case .zamba: "a Zamba"
    case .architecture: "any model"
    }
  }

  /// What it is, with an article.
  var title: String {
    switch self {
    case .edifice: "a configuration of Edifice"
    case .nvidiaHymba: "a config.json of NVIDIA's Hymba"
    case .jamba: "a config.json of a Jamba"
    case .zamba: "a config.json of a Zamba"
    case .architecture: "an Architecture"
    }
  }
}
