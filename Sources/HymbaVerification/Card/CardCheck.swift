package import HymbaConversion
package import HymbaFormat
import HymbaModel

/// Whether a card speaks of a model.
package struct CardCheck: Sendable {
  package let claim: CardClaim
  /// The fingerprint of the model that lies here.
  package let fingerprint: SHA256Digest
  /// What is computed otherwise than the card says, in words; empty where nothing is.
  package let differences: [String]

  /// Whether these are the weights and the model that were verified.
  package var speaksOfModel: Bool {
    claim.fingerprint == "\(fingerprint)" && differences.isEmpty
  }

  /// Whether the card speaks of the model and says that all that was checked passed.
  package var passed: Bool { speaksOfModel && claim.passed }

  /// Reads every tensor of the model. A container's tensors are compared with their digests.
  ///
  /// - Throws: As ``Fingerprint/compute(of:jobs:progress:)``, with the path in front, and as
  ///   `OpenedModel.requireArchitecture(for:)`.
  package init(
    _ claim: CardClaim, _ model: OpenedModel, jobs: Int, progress: (Int) -> Void = { _ in }
  ) throws {
    let (architecture, _) = try model.requireArchitecture(for: "comparing it with a card")
    self.claim = claim
    self.differences = claim.architecture.differencesInWords(from: architecture)
    self.fingerprint = try naming(model.location) {
      try Fingerprint.compute(of: model.parameters, jobs: jobs, progress: progress)
    }
  }

  /// The finding, as one sentence without the names of the files.
  package var sentence: String {
    guard let claimed = claim.fingerprint else {
      return "this card speaks of no model, as its verification ended at damage"
    }
    guard claimed == "\(fingerprint)" else {
      return "this card speaks of other weights: its fingerprint is \(claimed.printable), and here it is \(fingerprint)"
    }
    guard differences.isEmpty else {
      return
        "the weights are those of the card, and the model is another: \(differences.joined(separator: "; ")) (card and here)"
    }
    return claim.passed
      ? "this card speaks of this model" : "this card speaks of this model, and says that it failed"
  }
}
