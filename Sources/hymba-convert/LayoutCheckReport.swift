import HymbaConversion
import HymbaFormat
import HymbaTerminal

/// The result of `layouts --check`. The schema of its JSON form is `Schemas/layout-check.schema.json`.
struct LayoutCheckReport: Encodable {
  let file: String
  let layout: Summary
  /// Null when no checkpoint was named.
  var checkpoint: Checkpoint?

  struct Summary: Encodable {
    let name: String
    let title: String
    let rules: Int
  }

  init(file: String, layout: Layout) {
    self.file = file
    self.layout = Summary(name: layout.name, title: layout.title, rules: layout.rules.count)
  }

  /// The result of applying the layout to one checkpoint. It has all names, where the text shows only some.
  struct Checkpoint: Encodable {
    let source: String
    @OrNull var variant: String?
    let reason: String
    /// Null when the architecture was read off the tensors' shapes.
    @OrNull var configuration: String?
    let assumptions: [String]
    let tensors: Tensors
    let parameters: Parameters
    let steps: Steps
    /// The tensors whose shape or type does not fit, each as a sentence.
    let mismatched: [String]
    /// The names that are read or filled twice, with the rules.
    let repeated: [String]
    @OrNull var disagreement: String?
    let idleRules: [String]
    /// Null when the account does not balance: there was nothing to compare then.
    @OrNull var roundTrip: RoundTrip?

    struct Tensors: Encodable {
      let total: Int
      let used: Int
      let carried: [String]
      let unused: [String]
      /// The names that rules need and that the checkpoint does not have.
      let absent: [String]
    }

    struct Parameters: Encodable {
      let total: Int
      let filled: Int
      let missing: [String]
    }

    struct Steps: Encodable {
      let renamed: Int
      let transformed: Int
      let joined: Int
      let split: Int
    }

    struct RoundTrip: Encodable {
      let tensors: Int
      let bytes: Int
      let differences: [String]
    }

    init(source: String, _ check: LayoutCheck, _ roundTrip: LayoutCheck.RoundTrip?) {
      let account = check.account
      self.source = source
      self.variant = check.variant
      self.reason = check.reason
      self.configuration = check.configuration
      self.assumptions = check.assumptions
      self.tensors = Tensors(
        total: account.ledger.tensorsIn, used: account.usedTensors.count,
        carried: account.ledger.carried, unused: account.problems.unexpected,
        absent: account.absentTensors)
      self.parameters = Parameters(
        total: account.ledger.tensorsOut, filled: account.filledParameters.count,
        missing: account.unfilledParameters)
      self.steps = Steps(
        renamed: account.ledger.renamed, transformed: account.ledger.transformed,
        joined: account.ledger.joined, split: account.ledger.split)
      self.mismatched = account.problems.mismatched
      self.repeated = account.problems.repeated
      self.disagreement = check.disagreement
      self.idleRules = check.idleRules.map(check.layout.ruleLabel)
      self.roundTrip = roundTrip.map {
        RoundTrip(tensors: $0.tensors, bytes: $0.bytes, differences: $0.differences)
      }
    }

    var passed: Bool { roundTrip?.differences.isEmpty == true }
  }

  /// Whether the checkpoint passed; true without one. A document that is not valid has no report.
  var passed: Bool { checkpoint?.passed ?? true }

  private enum Key: String, CodingKey { case file, layout, checkpoint, passed }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    try container.encode(file, forKey: .file)
    try container.encode(layout, forKey: .layout)
    try container.encode(checkpoint, forKey: .checkpoint)
    try container.encode(passed, forKey: .passed)
  }
}
