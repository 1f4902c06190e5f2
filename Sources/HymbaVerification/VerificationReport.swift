public import HymbaFormat
import HymbaModel

/// The report of a verification: whether the checkpoint is right, and what was checked.
public struct VerificationReport: Sendable, Encodable {
  /// Whether at least one check was run and all that were run passed. A check that could not be judged counts
  /// as run.
  public var passed: Bool {
    let run = checks.filter { $0.outcome != .notRun }
    return !run.isEmpty && run.allSatisfy(\.passed)
  }
  /// The checkpoint as the user named it.
  public var source: String
  /// The layout of the checkpoint.
  public var layout: String
  /// The input of the forward pass; null when there was none.
  public var input: InputDescription?
  /// The reference with which captures were compared; null where there was none.
  public var reference: ReferenceDescription?
  /// The assumptions that were made where no file gave the information.
  public var assumptions: [String]
  /// The results of the checks.
  public var checks: [Check] = []
  /// The report of each layer, in order.
  public var layers: [LayerReport] = []
  /// The comparison of each compared capture, in the order of computation.
  public var comparison: [CaptureComparison] = []
  /// How many of the sequences that were run were compared, in words; nil where all were, or none.
  package var coverage: String? {
    ComparedSequences(comparison.compactMap(\.sequences), of: input?.shape.first ?? 0)?.words
  }
  /// The first capture that does not agree with the reference; null if all agree.
  public var firstDivergence: String? { comparison.first { !$0.passed }?.capture }
  /// The cause of the first divergence; null where all agree, and where no known cause explains it.
  public var cause: Cause?
  /// Why no cause is named, as one sentence; nil where one is, and where none was looked for.
  package var unexplained: String?
  /// The tensors of the reference that were not compared with a capture.
  public var notCompared: [String] = []
  /// For some of these tensors, the capture that the user perhaps meant.
  public var suggestions: [String: String] = [:]
  /// The fingerprint of the tensors that were read; nil where it was not asked for or some tensor was not read. It
  /// is no part of the JSON form.
  package var fingerprint: SHA256Digest?
  /// The result of the reference's classifier; null where it has none.
  public var classification: Classification?
  /// The score of the prediction of the input's next tokens; null where it was not asked for.
  public var tokenScore: TokenScore?
  /// The most probable tokens behind the first sequence; null where they were not asked for or cannot be told. Where the
  /// score has several windows, they follow the last tokens of the text, as many as a window has.
  package var next: [NextToken]?
  /// The attention of one head; null where it was not asked for.
  package var attention: AttentionWeights?

  public init(source: String, layout: String, assumptions: [String]) {
    self.source = source
    self.layout = layout
    self.assumptions = assumptions
  }

  private enum Key: String, CodingKey {
    case passed, source, layout, input, reference, assumptions, checks, layers, comparison, firstDivergence
    case cause, notCompared, suggestions, classification, tokenScore, next, attention
  }

  /// Encodes every key in every report. A value that does not exist becomes null.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    try container.encode(passed, forKey: .passed)
    try container.encode(source, forKey: .source)
    try container.encode(layout, forKey: .layout)
    try container.encode(input, forKey: .input)
    try container.encode(reference, forKey: .reference)
    try container.encode(assumptions, forKey: .assumptions)
    try container.encode(checks, forKey: .checks)
    try container.encode(layers, forKey: .layers)
    try container.encode(comparison, forKey: .comparison)
    try container.encode(firstDivergence, forKey: .firstDivergence)
    try container.encode(cause, forKey: .cause)
    try container.encode(notCompared, forKey: .notCompared)
    try container.encode(suggestions, forKey: .suggestions)
    try container.encode(classification, forKey: .classification)
    try container.encode(tokenScore, forKey: .tokenScore)
    try container.encode(next, forKey: .next)
    try container.encode(attention, forKey: .attention)
  }
}

/// The input of the forward pass.
public struct InputDescription: Hashable, Sendable, Encodable {
  /// A file's name, `--tokens` (or another name of the tokens' source), or `probe`.
  public var origin: String
  /// [batch, positions, size], or [batch, positions] of token ids.
  public var shape: [Int]
}

/// The result of one check.
public struct Check: Hashable, Sendable, Encodable {
  public var name: String
  public var outcome: Outcome
  /// The finding, as one sentence.
  public var detail: String

  public enum Outcome: String, Sendable, Encodable {
    case passed
    /// The check passed, but something was found that the user should look at.
    case warned
    case failed
    /// The check cannot be judged, because of an earlier failure.
    case notJudged
    /// The check was not run.
    case notRun
  }

  /// Whether the check was judged and did not fail.
  public var passed: Bool { outcome == .passed || outcome == .warned }

  public init(_ name: String, passed: Bool, _ detail: String) {
    self.init(name, passed ? .passed : .failed, detail)
  }

  public init(_ name: String, _ outcome: Outcome, _ detail: String) {
    self.name = name
    self.outcome = outcome
    self.detail = detail
  }

  private enum Key: String, CodingKey { case name, passed, outcome, detail }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    try container.encode(name, forKey: .name)
    try container.encode(outcome == .notRun ? nil : passed, forKey: .passed)
    try container.encode(outcome, forKey: .outcome)
    try container.encode(detail, forKey: .detail)
  }
}

/// The report of one layer.
public struct LayerReport: Hashable, Sendable, Encodable {
  /// The layer, counted from 0.
  public var index: Int
  /// The dimensions of the stream after the layer: [batch, length, hidden], meta positions included.
  public var outputShape: [Int]
  public var mixer: Mixer
  /// The root mean square of the stream after the layer, over the batch, the positions and the channels.
  @FiniteOrNull package var streamRMS: Double = 0
  /// The statistics of a gated fusion; null for other layers.
  @OrNull public var gate: GateStatistics? = nil
  /// The statistics of a mean-of-norms fusion; null for other layers.
  @OrNull public var fusion: FusionStatistics? = nil
  /// The statistics of two branches that are both added to the stream; null for other layers.
  @OrNull public var branches: BranchStatistics? = nil
  /// The statistics of a layer with one mixer, or of one that is a feed forward alone; null for attention and
  /// Mamba in parallel.
  @OrNull public var residual: ResidualStatistics? = nil
  /// The shared block that the layer applies; null where it applies none.
  @OrNull public var sharedUse: SharedUse? = nil
  /// The statistics of a layer with experts; null for other layers.
  @OrNull public var router: RouterStatistics? = nil

  /// A layer's use of a shared block.
  public struct SharedUse: Hashable, Sendable, Encodable {
    /// The block, counted from 0.
    public var block: Int
    /// The number of layers before this one that apply a shared block.
    public var use: Int
  }

  /// How the layer mixes positions.
  public enum Mixer: String, Sendable, Encodable {
    case parallel, attention, mamba, sharedThenMamba
    /// The layer is a feed forward alone.
    case none

    init(_ mixer: Architecture.Mixer?) {
      switch mixer {
      case .parallel: self = .parallel
      case .attention: self = .attention
      case .mamba: self = .mamba
      case .sharedThenMamba: self = .sharedThenMamba
      case nil: self = .none
      }
    }
  }
}

/// The number of labelled inputs whose class a linear classifier on the output gets right.
public struct Classification: Hashable, Sendable, Encodable {
  public var correct: Int
  public var count: Int
  public var accuracy: Double { count == 0 ? 0 : Double(correct) / Double(count) }

  private enum Key: String, CodingKey { case correct, count, accuracy }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    try container.encode(correct, forKey: .correct)
    try container.encode(count, forKey: .count)
    try container.encode(accuracy, forKey: .accuracy)
  }
}
