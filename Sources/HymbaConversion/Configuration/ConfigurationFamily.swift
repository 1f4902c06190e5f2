/// The kinds of configuration that people have beside their checkpoints.
public enum ConfigurationFamily: String, Sendable, Codable {
  /// Build options of Edifice, or its spec.
  case edifice
  /// NVIDIA's config.json of a Hymba.
  case nvidiaHymba = "nvidia-hymba"
  /// Our own `Architecture` JSON.
  case architecture
}
