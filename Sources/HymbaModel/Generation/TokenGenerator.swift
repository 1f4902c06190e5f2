/// Continues a prompt, one token after another.
///
///     var generator = try TokenGenerator(StepDecoder(pass, capacity: 1024), prompt: [1, 5, 9])
///     let token = try generator.next().token
///
/// ``GeneratedTokens`` gives the same tokens as an asynchronous sequence.
public struct TokenGenerator: Sendable {
  private let decoder: StepDecoder
  private var state: DecodingState
  private var chooser: TokenChooser
  private var logits: Tensor
  /// The token that was chosen last and that the decoder has not seen yet.
  private var last: Int?

  /// Runs the model on the prompt.
  ///
  /// - Parameters:
  ///   - decoder: The model. Its capacity is at least the length of the prompt.
  ///   - prompt: Token ids, at least one.
  ///   - sampling: How a token is drawn.
  ///   - progress: Is told how many tokens of the prompt are done.
  /// - Throws: ``ModelError/cannotChoose(_:)`` for a model that reads no tokens or gives no scores, and as
  ///   ``StepDecoder/step(_:_:)``.
  public init(
    _ decoder: StepDecoder, prompt: [Int], sampling: Sampling = .greedy,
    progress: (Int) -> Void = { _ in }
  ) throws {
    try decoder.pass.architecture.requireNextTokens()
    self.decoder = decoder
    self.chooser = TokenChooser(sampling)
    self.state = decoder.start(batch: 1)
    self.logits = try decoder.step(through: prompt, &state, progress: progress)
  }

  /// The next token, with the probability that the model gives it at temperature 1.
  ///
  /// - Throws: ``ModelError/cannotChoose(_:)`` where the model gives scores that are NaN or infinite,
  ///   ``ModelError/inputShape(found:expected:)`` beyond the capacity of the decoder, and the errors of the source
  ///   where the decoder reads weights.
  public mutating func next() throws -> TokenProbability {
    // The step is made only now, so that nothing is computed behind the last token that is asked for.
    if let last { logits = try decoder.step(.tokens([last], batch: 1), &state) }
    let scores = try TokenScores(logits, row: 0)
    let token = chooser.choose(scores)
    last = token
    return scores.probability(of: token)
  }
}
