import HymbaConversion
import HymbaFormat
import HymbaModel
import HymbaTerminal

/// A configuration that was named in place of a checkpoint: a model without its weights.
struct ConfigurationFile {
  let architecture: Architecture
  let document: ConfigurationDocument
  /// Sentences about keys that are not known or given twice, and about options that are left to their
  /// defaults.
  let notes: [String]
  let family: ConfigurationFamily

  /// The configuration that a path stands for: the file itself, or the one in a folder without weights. It is
  /// nil for a path that names weights.
  static func path(of source: String) -> String? {
    // An index of shards is JSON too, but it names weights.
    if source == StandardInput.path { return source }
    let isOne =
      source.hasSuffix(".json") && !source.hasSuffix(".index.json")
      && !source.hasSuffix(".weights.json")
    return isOne ? source : BareConfiguration.path(in: source)
  }

  init(_ path: String) throws {
    (architecture, document, notes) = try readConfiguration(path)
    family = try configurationFamily(path)
  }
}
