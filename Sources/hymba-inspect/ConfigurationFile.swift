import HymbaConversion
import HymbaFormat
import HymbaModel
import HymbaTerminal

/// A configuration that was named where a checkpoint could be: a model without its weights.
struct ConfigurationFile {
  let architecture: Architecture
  let document: ConfigurationDocument
  /// What it says that nothing here knows, or twice.
  let notes: [String]

  /// Whether a path is one: an index of shards is JSON too, and names weights.
  static func isOne(_ path: String) -> Bool {
    path.hasSuffix(".json") && !path.hasSuffix(".index.json") && !path.hasSuffix(".weights.json")
  }

  init(_ path: String) throws {
    (architecture, document, notes) = try readConfiguration(path)
  }
}
