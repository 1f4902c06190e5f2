/// The checks of a verification, in the groups that a user can choose.
public enum CheckGroup: String, Sendable, CaseIterable {
  /// Compares a container with its digests.
  case container
  /// Compares the tensors with the parameters of the model.
  case inventory
  /// Looks at every stored number.
  case numbers
  /// Judges by the values how the weights were written.
  case conventions
  /// Checks the results of a forward pass: shapes, outputs, gates.
  case forward
  /// Checks that later positions do not change earlier ones.
  case causality
  /// Checks that sequences of a batch do not influence each other.
  case batch
  /// Checks that step-by-step decoding gives what a full pass gives.
  case decoding
  /// Compares the captures with those of a reference.
  case reference

  /// The groups for a quick look: all but those that run the model a second time in another way.
  public static let quick: Set<CheckGroup> = [
    .container, .inventory, .numbers, .conventions, .forward, .reference,
  ]

  /// Whether the group needs a forward pass.
  var needsPass: Bool {
    switch self {
    case .container, .inventory, .numbers, .conventions: false
    case .forward, .causality, .batch, .decoding, .reference: true
    }
  }

  /// The names of the group's checks in a report. (The check of gates is there only where a layer has a gate.)
  package var names: [String] {
    switch self {
    case .forward: ["shapes", "outputs", "gates"]
    case .batch: ["batch independence"]
    default: [rawValue]
    }
  }
}
