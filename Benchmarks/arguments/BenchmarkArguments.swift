package import ArgumentParser
package import HymbaConversion
import HymbaFormat

/// The arguments of every benchmark of a model.
package struct BenchmarkArguments: ParsableArguments {
  @Argument(help: "The checkpoint, in any form that the tools open.")
  package var model: String

  @Argument(help: "Tokens to compute.")
  package var tokens = 128

  @Argument(help: "Threads to use; all cores by default.")
  package var jobs = Parallel.cores

  package init() {}

  package func validate() throws {
    // The cache of decoding and the attention scores of a pass take memory for each token.
    guard (1...1 << 16).contains(tokens) else {
      throw ValidationError("tokens is \(tokens); expected a number from 1 to \(1 << 16).")
    }
    guard (1...1024).contains(jobs) else {
      throw ValidationError("jobs is \(jobs); expected a number from 1 to 1024.")
    }
  }

  /// Opens the model. A container's digests are compared here, so that the timed part only reads.
  ///
  /// - Throws: What ``OpenedModel/open(_:_:)`` throws, and the errors of reading the container.
  /// - Complexity: Reads a container once.
  package func open() throws -> OpenedModel {
    let opened = try OpenedModel.open(ModelInput(paths: [model]), OpeningOptions())
    if let container = opened.container { _ = try container.findDamage(jobs: jobs) }
    return opened
  }
}
