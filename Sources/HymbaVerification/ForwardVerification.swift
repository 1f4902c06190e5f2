public import HymbaConversion
import HymbaFormat
public import HymbaModel

/// Verifies a checkpoint by running its model.
public struct ForwardVerification: Sendable {
  /// The token ids to run the model on, as one sequence; nil for another input.
  public var tokens: [Int]?
  /// The name of the tokens' source in the report and in errors.
  public var tokensName = "tokens"
  /// A file with the input. Without a file and without tokens, the input comes from the reference, or else from
  /// a probe.
  public var input: Reference?
  /// The reference with the expected captures; nil for none.
  public var expected: Reference?
  /// The allowed differences between two computations of the same values.
  public var tolerance = Tolerance()
  /// Whether the effect of rounding alone is always measured. Otherwise it is measured only where a difference
  /// exceeds the bounds that hold for any model.
  public var measuresNoise = false
  /// The number of threads.
  public var jobs: Int
  /// Whether all captures are kept, so that they can be saved.
  public var keepsCaptures = false
  /// Whether every tensor is read and hashed, so that the report has the fingerprint of the model.
  public var makesFingerprint = false
  /// Whether the prediction of the input's own next tokens is scored.
  public var scoresTokens = false
  /// The length of the windows in which ``tokens`` are scored. What the checks run on is the first window.
  package var windowLength = 1024
  /// The number of most probable tokens behind the first sequence that are reported; 0 for none.
  package var nextTokens = 0
  /// The text that a token adds to those before it; nil without a tokenizer.
  package var text: @Sendable (_ token: Int, _ before: [Int]) -> String? = { _, _ in nil }
  /// The head whose attention is reported; nil for none.
  package var attention: AttentionHead?
  /// The groups of checks to run.
  public var checks: Set<CheckGroup> = Set(CheckGroup.allCases)

  public init(jobs: Int) { self.jobs = jobs }

  /// Receives the name of the stage, the amount of it that is done, and the total amount.
  public typealias Progress = (_ stage: String, _ done: Int, _ total: Int) -> Void

  /// Runs the verification.
  ///
  /// - Parameters:
  ///   - model: A model whose architecture is known.
  ///   - progress: Is told how far the stage is.
  ///   - reached: Receives the report after each stage, as far as it is complete.
  /// - Returns: The report and, if captures are kept, all captures with the input.
  /// - Throws: ``VerificationError`` and `ModelError` for an input or a reference that does not fit, the
  ///   errors of reading the files, and the errors of `reached`. Everything that can be judged is in the
  ///   report.
  /// - Complexity: Reads the checkpoint once. Where a difference exceeds the bounds that hold for any model, up
  ///   to three further passes read it once more each. Tensors that are mostly zero are read once more.
  public func run(
    _ model: OpenedModel, progress: @escaping Progress = { _, _, _ in },
    reached: @escaping (VerificationReport) throws -> Void = { _ in }
  ) throws -> (VerificationReport, captures: TensorStore?) {
    var course = try VerificationCourse(self, model, progress: progress, reached: reached)
    let captures = try course.run()
    return (course.report, captures)
  }
}
