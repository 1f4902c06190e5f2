package import HymbaFormat

/// A component of a layer that has parameters: attention, a state space model, or a feed forward.
///
/// The protocol gathers everything that follows from a component's description alone. A new kind of component
/// is a type that conforms, a case where layers name it, and its computation.
package protocol Component: Sendable {
  /// Adds the component's parameters in the order of computation.
  ///
  /// - Throws: ``FormatError/invalidShape(_:_:)`` for a parameter with more numbers than can be counted.
  func addParameters(to inventory: inout InventoryBuilder, at place: ComponentPlace)
    throws(FormatError)

  /// Checks the component's description.
  ///
  /// - Parameter path: The component's place in the architecture's document, for messages.
  /// - Throws: ``ModelError/option(_:found:expected:)`` for the first value that no model can have.
  func validate(_ path: String) throws(ModelError)

  /// The component's sizes, by the names that layouts use for them.
  var sizes: [String: Int] { get }

  /// The number of values that decoding keeps for one sequence, whatever its length.
  var stateCount: Int { get }

  /// The multiplications for one token, without those of projections.
  var workPerToken: Int { get }

  /// The multiplications for one token and one position that it sees.
  var workPerSeenPosition: Int { get }

  /// The most values in memory for each position during the computation.
  var activationCount: Int { get }

  /// A description for people: `4 heads on 2 key/value heads of 64`.
  var summary: String { get }
}

extension Component {
  package var stateCount: Int { 0 }
  package var workPerToken: Int { 0 }
  package var workPerSeenPosition: Int { 0 }
}

/// The place of a component in a model, which decides the names and shapes of its parameters together with its
/// description.
package struct ComponentPlace {
  /// The beginning of the names of its parameters.
  let prefix: String
  let hiddenSize: Int
  /// The width of its input.
  let inputWidth: Int
  /// Whether it has its own projection to the hidden size.
  let hasOutput: Bool
  /// The number of learned keys and values in front of those of attention.
  let metaKeyCount: Int
  /// The part for which its parameters are counted; nil for the default of its kind.
  let part: Parameter.Part?

  /// - Parameter inputWidth: The width of its input; nil for the hidden size.
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
