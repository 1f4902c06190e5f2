import HymbaModel
import HymbaText

/// The answer to a prompt, as it comes.
struct Answer {
  private let tokenizer: ModelTokenizer?
  private var generator: TokenGenerator
  private var stream: TextStream?
  private var stops: StopTexts
  private(set) var result: GenerationResult

  /// Runs the model on the prompt.
  ///
  /// - Parameter onPrompt: Is told how many tokens of the prompt are done.
  /// - Throws: As ``TokenGenerator/init(_:prompt:sampling:progress:)``.
  init(
    _ decoder: StepDecoder, source: String, prompt: [Int], _ sampling: Sampling, _ tokenizer: ModelTokenizer?,
    stop: [String], onPrompt: (Int) -> Void
  ) throws {
    let start = ContinuousClock.now
    self.generator = try TokenGenerator(decoder, prompt: prompt, sampling: sampling, progress: onPrompt)
    self.tokenizer = tokenizer
    self.stream = tokenizer?.tokenizer.stream()
    self.stops = StopTexts(stop)
    self.result = GenerationResult(source: source, prompt: prompt, text: tokenizer.map { _ in "" })
    self.result.promptTokensPerSecond = Self.rate(prompt.count, since: start)
  }

  /// Generates until the answer ends.
  ///
  /// - Parameters:
  ///   - count: The most tokens.
  ///   - isInterrupted: Whether nobody wants more.
  ///   - show: Receives each token and the text that can be shown with it, which is nil without a tokenizer. At the
  ///     end it receives the text that was held back, without a token.
  /// - Throws: As ``TokenGenerator/next()``.
  mutating func run(
    count: Int, isInterrupted: () -> Bool, show: (_ token: Int?, _ text: String?) -> Void
  ) throws {
    let start = ContinuousClock.now
    while result.tokens.count < count {
      guard !isInterrupted() else {
        result.end = .interrupted
        break
      }
      let token = try generator.next().token
      result.tokens.append(token)
      if let tokenizer, tokenizer.endTokens.contains(token) {
        result.end = .endOfText
        break
      }
      let text = (stream?.append(token)).map { stops.append($0) }
      add(text)
      show(token, text)
      if stops.isFound {
        result.end = .stop
        break
      }
    }
    result.tokensPerSecond = Self.rate(max(1, result.tokens.count - 1), since: start)
    // What was held back is text too, once nothing can follow it.
    guard let last = stream?.finish() else { return }
    let rest = stops.append(last) + stops.finish()
    add(rest)
    show(nil, rest)
  }

  private mutating func add(_ text: String?) {
    if let text { result.text?.append(text) }
  }

  private static func rate(_ count: Int, since start: ContinuousClock.Instant) -> Double {
    let seconds = (ContinuousClock.now - start) / .seconds(1)
    return Double(count) / max(seconds, 1e-9)
  }
}
