package import HymbaFormat

/// Something inside of a layer that has parameters: attention, a state space model, a feed forward. What follows
/// from its description alone is said here, once for each kind; a new kind is a type that conforms, a case where
/// layers name it, and a computation.
package protocol Component: Sendable {
  /// Adds its parameters in the order of computation.
  /// - Throws: ``FormatError/invalidShape(_:_:)`` for a parameter with more numbers than can be counted.
  func addParameters(to inventory: inout InventoryBuilder, at place: ComponentPlace)
    throws(FormatError)

  /// - Parameter path: Where the component is in the architecture's document, for messages.
  /// - Throws: ``ModelError/option(_:found:expected:)`` for the first value that no model can have.
  func validate(_ path: String) throws(ModelError)

  /// Its sizes, by the names that layouts use for them.
  var sizes: [String: Int] { get }

  /// Values that decoding keeps of a sequence whatever its length.
  var stateCount: Int { get }

  /// Multiplications for one token beside those with weights of projections.
  var workPerToken: Int { get }

  /// Multiplications for one token with each position that it sees.
  var workPerSeenPosition: Int { get }

  /// Values in memory for each position while it computes, at most.
  var activationCount: Int { get }

  /// In words, for people: `4 heads on 2 key/value heads of 64`.
  var summary: String { get }
}

extension Component {
  package var stateCount: Int { 0 }
  package var workPerToken: Int { 0 }
  package var workPerSeenPosition: Int { 0 }
}

/// Where in a model a component is: what its parameters need to know beside its own description.
package struct ComponentPlace {
  /// Of the names of its parameters.
  let prefix: String
  let hiddenSize: Int
  /// Width of what it reads.
  let inputWidth: Int
  /// Whether it projects its result to the hidden size by itself.
  let hasOutput: Bool
  /// Learned keys and values in front of those of attention.
  let metaKeyCount: Int
  /// What its parameters count as; nil by their kind.
  let part: Parameter.Part?

  /// - Parameter inputWidth: The hidden size if nil.
  init(
    _ prefix: String, in architecture: Architecture, inputWidth: Int? = nil,
    hasOutput: Bool = true, part: Parameter.Part? = nil
  ) {
    self.prefix = prefix
    self.hiddenSize = architecture.hiddenSize
    self.inputWidth = inputWidth ?? architecture.hiddenSize
    self.hasOutput = hasOutput
    self.metaKeyCount = architecture.metaTokens.keyValueCount
    self.part = part
  }
}
