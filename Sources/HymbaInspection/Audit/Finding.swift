import HymbaFormat

/// One thing that is wrong with a checkpoint, or that a user of it should know.
package struct Finding: Hashable, Sendable, Encodable {
  package enum Severity: String, Sendable, Encodable, CaseIterable {
    /// The checkpoint is damaged, incomplete, or contradicts itself.
    case error
    /// The checkpoint can be read, and something in it is probably not meant.
    case warning
    /// The checkpoint may be as it was meant. The finding matters to some programs, or is a question that
    /// headers cannot answer.
    case note
  }

  /// What is found. `docs/audit.md` explains each kind.
  package enum Kind: String, Sendable, Encodable, CaseIterable {
    // One file.
    case unreadable, truncated, trailing, zeroFilled, unwritten

    // Files among each other.
    case weightsMissing, index, indexMissing, oneShard, shardMissing, shardUnnamed, staleShard, secondSet
    case tensorMissing, tensorUnnamed, tensorElsewhere, tensorTwice, totalSize

    // Tensors and configuration.
    case layout, configuration, configurationMissing, layers, parameterMissing, shape, leftover, carried, tie
    case assumption

    // Other programs.
    case dialect, llamaCpp, dtype, tokenizer, tokenizerMissing, generationMissing
  }

  package let kind: Kind
  package let severity: Severity
  /// What it is about: the name of a file, of a tensor, or of several tensors whose names differ in numbers, such
  /// as `model.layers.{0..3}.mamba.D`.
  package let subject: String
  /// What was found, as a clause that begins after the subject, without a stop at its end.
  package let message: String

  package init(_ kind: Kind, _ severity: Severity, _ subject: String, _ message: String) {
    self.kind = kind
    self.severity = severity
    self.subject = subject
    self.message = message
  }
}

extension [Finding] {
  /// The findings with the errors first and the notes last, otherwise in the order in which they were made.
  func bySeverity() -> [Finding] {
    Finding.Severity.allCases.flatMap { severity in filter { $0.severity == severity } }
  }
}

extension Finding {
  /// The finding that a file cannot be read.
  static func unreadable(_ subject: String, _ error: any Error) -> Finding {
    Finding(.unreadable, .error, subject, "cannot be read: \(Audited.sentence(error))")
  }
}
