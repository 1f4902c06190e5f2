public import HymbaFormat
import HymbaModel

/// Whether a checkpoint is right, and what was looked at to say so.
public struct VerificationReport: Sendable, Encodable {
  /// Whether every check that was run passed, and any was.
  public var passed: Bool {
    let run = checks.filter { $0.outcome != .notRun }
    return !run.isEmpty && run.allSatisfy(\.passed)
  }
  /// The checkpoint as the user named it.
  public var source: String
  public var layout: String
  public var input: InputDescription?
  /// What no file said and was assumed.
  public var assumptions: [String]
  public var checks: [Check] = []
  /// One for each layer, in order.
  public var layers: [LayerReport] = []
  /// One for each compared capture, in the order of computation.
  public var comparison: [CaptureComparison] = []
  /// The first capture that does not agree with the reference.
  public var firstDivergence: String? { comparison.first { !$0.passed }?.capture }
  /// Tensors of the reference that are no captures.
  public var notCompared: [String] = []
  /// For some of these, the capture that was perhaps meant.
  public var suggestions: [String: String] = [:]
  public var classification: Classification?
  /// How well the next tokens of the input are predicted, where it was asked for.
  public var tokenScore: TokenScore?

  public init(source: String, layout: String, assumptions: [String]) {
    self.source = source
    self.layout = layout
    self.assumptions = assumptions
  }

  private enum Key: String, CodingKey {
    case passed, source, layout, input, assumptions, checks, layers, comparison, firstDivergence
    case notCompared, suggestions, classification, tokenScore
  }

  /// Every key is there in every report; what does not apply is null.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    try container.encode(passed, forKey: .passed)
    try container.encode(source, forKey: .source)
    try container.encode(layout, forKey: .layout)
    try container.encode(input, forKey: .input)
    try container.encode(assumptions, forKey: .assumptions)
    try container.encode(checks, forKey: .checks)
    try container.encode(layers, forKey: .layers)
    try container.encode(comparison, forKey: .comparison)
    try container.encode(firstDivergence, forKey: .firstDivergence)
    try container.encode(notCompared, forKey: .notCompared)
    try container.encode(suggestions, forKey: .suggestions)
    try container.encode(classification, forKey: .classification)
    try container.encode(tokenScore, forKey: .tokenScore)
  }
}

/// The input of the forward pass.
public struct InputDescription: Hashable, Sendable, Encodable {
  /// A file's name, `--tokens` or `probe`.
  public var origin: String
  public var shape: [Int]
}

/// One thing that was checked.
public struct Check: Hashable, Sendable, Encodable {
  public var name: String
  public var outcome: Outcome
  /// What was found, one sentence.
  public var detail: String

  public enum Outcome: String, Sendable, Encodable {
    case passed
    /// Passed, and something was found that the user should look at.
    case warned
    case failed
    /// Not to be judged, because of what failed before.
    case notJudged
    /// Not looked at.
    case notRun
  }

  /// Whether it was judged and did not fail.
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

/// What one layer computed.
public struct LayerReport: Hashable, Sendable, Encodable {
  public var index: Int
  /// [batch, length, hidden] after the layer.
  public var outputShape: [Int]
  public var mixer: Mixer
  /// For gated fusion; null otherwise.
  @OrNull public var gate: GateStatistics? = nil
  /// For mean-of-norms fusion; null otherwise.
  @OrNull public var fusion: FusionStatistics? = nil
  /// For a layer with one mixer; null with attention and Mamba in parallel.
  @OrNull public var residual: ResidualStatistics? = nil
  /// For a layer with experts; null otherwise.
  @OrNull public var router: RouterStatistics? = nil

  /// How the layer mixes positions.
  public enum Mixer: String, Sendable, Encodable {
    case parallel, attention, mamba, sharedThenMamba

    init(_ mixer: Architecture.Mixer) {
      switch mixer {
      case .parallel: self = .parallel
      case .attention: self = .attention
      case .mamba: self = .mamba
      case .sharedThenMamba: self = .sharedThenMamba
      }
    }
  }
}

/// How many of the labelled inputs a classifier head on the output gets right.
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
