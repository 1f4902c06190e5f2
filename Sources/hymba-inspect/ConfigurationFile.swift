import HymbaConversion
import HymbaFormat
import HymbaModel
import HymbaTerminal

/// A configuration that was named in place of a checkpoint: a model without its weights.
struct ConfigurationFile {
  let architecture: Architecture
  let document: ConfigurationDocument
  /// Sentences about keys that are not known or given twice, and about options that are left to their defaults.
  let notes: [String]
  let family: ConfigurationFamily

  /// Whether a path names a configuration. An index of shards is JSON too, but it names weights.
  static func isOne(_ path: String) -> Bool {
    path.hasSuffix(".json") && !path.hasSuffix(".index.json") && !path.hasSuffix(".weights.json")
  }

  init(_ path: String) throws {
    (architecture, document, notes) = try readConfiguration(path)
    family = try configurationFamily(path)
  }
}
