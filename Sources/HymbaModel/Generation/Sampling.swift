/// How the next token is chosen from the model's scores.
public struct Sampling: Hashable, Sendable {
  /// What the scores are divided by before they become probabilities. At 0 the most probable token is taken, and
  /// nothing is left to chance.
  public var temperature: Double
  /// The number of most probable tokens that may be chosen; nil for all.
  public var topK: Int?
  /// The share of probability that the tokens which may be chosen hold together, the most probable first
  /// (Holtzman et al. 2020, arXiv 1904.09751); nil for all of it.
  public var topP: Double?
  /// The start of the random numbers. The same seed gives the same tokens, with any number of threads.
  public var seed: UInt64

  /// - Throws: ``ModelError/option(_:found:expected:)`` for a temperature that is negative or not finite, for a
  ///   `topK` below 1, and for a `topP` outside of 0 to 1.
  public init(
    temperature: Double, topK: Int? = nil, topP: Double? = nil, seed: UInt64 = 0
  ) throws(ModelError) {
    guard temperature >= 0, temperature.isFinite else {
      throw .option("temperature", found: "\(temperature)", expected: "a finite number from 0 on")
    }
    if let topK, topK < 1 {
      throw .option("top-k", found: "\(topK)", expected: "a number from 1 on")
    }
    if let topP, !(topP > 0 && topP <= 1) {
      throw .option("top-p", found: "\(topP)", expected: "a number above 0 and up to 1")
    }
    self.temperature = temperature
    self.topK = topK
    self.topP = topP
    self.seed = seed
  }

  private init() {
    self.temperature = 0
    self.seed = 0
  }

  /// Takes the most probable token every time.
  public static let greedy = Sampling()
}
