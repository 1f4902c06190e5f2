package import HymbaFormat

/// A GGUF file in which every quantised element has the number at one end of those that its block can store, in place
/// of its own. Other elements are as they are.
///
/// The ends say what numbers an element could have been: they are evenly spaced from one to the other.
package struct GGUFLevels: CheckpointSource {
  private let source: GGUFSource
  private let isLast: Bool

  /// - Parameter isLast: Whether the end is that of the largest stored number. It is the lower one where a scale is
  ///   negative.
  package init(_ source: GGUFSource, isLast: Bool) {
    self.source = source
    self.isLast = isLast
  }

  package var location: String { source.location }
  package var tensors: TensorTable { source.tensors }
  package var metadata: NameTable<String> { source.metadata }
  package var embeddedConfiguration: ConfigurationDocument? { source.embeddedConfiguration }
  package var files: [SourceFile] { source.files }

  package func read(
    _ tensor: TensorDescriptor, from offset: Int, into buffer: inout MutableRawSpan
  ) throws {
    try source.readEnds(tensor, isLast: isLast, from: offset, into: &buffer)
  }
}
