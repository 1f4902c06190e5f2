import HymbaFormat

/// A checkpoint of which more is known than its own files say: where it was found, what lies beside it, and the
/// configuration of the file that it was made of.
struct NotedSource: DerivedSource {
  let source: any CheckpointSource
  let added: [String]
  private let configuration: ConfigurationDocument?

  /// - Parameters:
  ///   - notes: Further notes, before the checkpoint's own.
  ///   - configuration: The configuration in place of the checkpoint's own; nil to keep that.
  init(_ source: any CheckpointSource, notes: [String] = [], configuration: ConfigurationDocument? = nil) {
    (self.source, self.added, self.configuration) = (source, notes, configuration)
  }

  /// The checkpoint with these notes.
  /// - Returns: `source` itself where there are no notes, and for a container, whose notes are in its manifest.
  static func adding(_ notes: [String], to source: any CheckpointSource) -> any CheckpointSource {
    notes.isEmpty || source is ContainerSource ? source : NotedSource(source, notes: notes)
  }

  /// The notes that were added to a source. A message that no model can be made of it must show them too.
  static func added(to source: any CheckpointSource) -> [String] {
    (source as? NotedSource)?.added ?? []
  }

  var embeddedConfiguration: ConfigurationDocument? { configuration ?? source.embeddedConfiguration }
  var notes: [String] { added + source.notes }
}
