/// What a verification may check, as a user chooses it.
public enum CheckGroup: String, Sendable, CaseIterable {
  /// A container's digests.
  case container
  /// The tensors against the parameters of the model.
  case inventory
  /// The stored numbers.
  case numbers
  /// What a forward pass computes: shapes, outputs, gates.
  case forward
  case causality
  case batch
  case decoding
  /// The comparison with what the model should compute.
  case reference

  /// All but those that run the model in other ways than once: what a quick look needs.
  public static let quick: Set<CheckGroup> = [.container, .inventory, .numbers, .forward, .reference]

  /// Whether it takes a forward pass.
  var needsPass: Bool {
    switch self {
    case .container, .inventory, .numbers: false
    case .forward, .causality, .batch, .decoding, .reference: true
    }
  }

  /// The checks of a report that belong to it. (Those of gates are there only where a layer has one.)
  var names: [String] {
    switch self {
    case .forward: ["shapes", "outputs", "gates"]
    case .batch: ["batch independence"]
    default: [rawValue]
    }
  }
}
