public import HymbaConversion
import HymbaFormat
public import HymbaModel

/// Answers "is this checkpoint right?" by running it.
public struct ForwardVerification: Sendable {
  /// Token ids to run the model on, one sequence.
  public var tokens: [Int]?
  /// What gives the tokens, as the report and errors call it.
  public var tokensName = "tokens"
  /// A file with the input; without it and without tokens the reference's input, else a probe.
  public var input: Reference?
  /// What it should compute.
  public var expected: Reference?
  /// What may differ between two computations of one thing.
  public var tolerance = Tolerance()
  /// Whether it is measured in any case what rounding alone does, not only where something differs by more than
  /// it does in any model.
  public var measuresNoise = false
  public var jobs: Int
  /// Whether all captures are kept, to be saved.
  public var keepsCaptures = false
  /// Whether the prediction of the input's own next tokens is scored.
  public var scoresTokens = false
  /// What is checked.
  public var checks: Set<CheckGroup> = Set(CheckGroup.allCases)

  public init(jobs: Int) { self.jobs = jobs }

  /// Is told the stage, and how much of it is done of how much.
  public typealias Progress = (_ stage: String, _ done: Int, _ total: Int) -> Void

  /// Reads the checkpoint once; where something differs by more than it does in any model, once more for each of up
  /// to three further passes.
  ///
  /// - Parameter reached: Is given the report as far as it is, after each stage.
  /// - Returns: The report and, if they are kept, all captures with the input.
  /// - Throws: what reading the files throws, and what `reached` throws; everything that can be judged is in the
  ///   report.
  public func run(
    _ model: OpenedModel, progress: @escaping Progress = { _, _, _ in },
    reached: @escaping (VerificationReport) throws -> Void = { _ in }
  ) throws -> (VerificationReport, captures: TensorStore?) {
    var course = try VerificationCourse(self, model, progress: progress, reached: reached)
    let captures = try course.run()
    return (course.report, captures)
  }
}
