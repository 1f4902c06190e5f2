import HymbaCheckpoints
package import HymbaFormat

/// The numbers that the elements of a GGUF model's quantised tensors could have been, under our names.
///
/// A block's scales give evenly spaced numbers, of which each element is one.
package struct StoredLevels: Sendable {
  /// The parameters with every element at one end of its numbers, and at the other end.
  package let ends: (first: any CheckpointSource, last: any CheckpointSource)

  /// Opens the ends of a GGUF file's numbers. No tensor data is read.
  ///
  /// - Parameter configuration: The path of the configuration with which the model was opened; nil for none.
  /// - Returns: Nil for a checkpoint of another format.
  /// - Throws: As `OpenedModel.open`.
  package init?(_ input: ModelInput, settlingBy configuration: String?) throws {
    let input = try input.located()
    guard let source = try input.open() as? GGUFSource else { return nil }
    func end(isLast: Bool) throws -> any CheckpointSource {
      try OpenedModel.open(
        GGUFLevels(source, isLast: isLast), at: source.location, OpeningOptions(configuration: configuration)
      ).parameters
    }
    self.ends = (try end(isLast: false), try end(isLast: true))
  }

  /// The numbers of one block, which lie evenly from one end to the other.
  package struct Numbers: Sendable {
    package let count: Int
    /// Whether the block has an offset beside its scale, both chosen before they are rounded to F16.
    package let haveOffset: Bool
  }

  /// The numbers that an element of a type can be; nil for a type that is not stored in blocks.
  package static func numbers(ofType name: String) -> Numbers? {
    GGUFType(name: name)?.levels.map { Numbers(count: $0.count, haveOffset: $0.haveOffset) }
  }
}
