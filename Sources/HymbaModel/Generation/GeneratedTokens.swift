import Dispatch
import Synchronization

/// The tokens that continue a prompt, as they come.
///
///     for try await token in GeneratedTokens(decoder, prompt: [1, 5, 9], count: 20) { … }
///
/// A task that is cancelled gets no further token: the sequence ends with `CancellationError`. Each iteration runs
/// the prompt again, and gives the same tokens.
public struct GeneratedTokens: AsyncSequence, Sendable {
  public typealias Element = TokenProbability

  private let decoder: StepDecoder
  private let prompt: [Int]
  private let count: Int
  private let sampling: Sampling

  /// - Parameters:
  ///   - decoder: The model. Its capacity is at least the length of the prompt and `count`, less one.
  ///   - prompt: Token ids, at least one.
  ///   - count: The number of tokens.
  ///   - sampling: How a token is drawn.
  public init(_ decoder: StepDecoder, prompt: [Int], count: Int, sampling: Sampling = .greedy) {
    self.decoder = decoder
    self.prompt = prompt
    self.count = count
    self.sampling = sampling
  }

  public func makeAsyncIterator() -> AsyncIterator { AsyncIterator(self) }

  public struct AsyncIterator: AsyncIteratorProtocol {
    private let tokens: GeneratedTokens
    private let generator = Generator()
    private var given = 0

    fileprivate init(_ tokens: GeneratedTokens) { self.tokens = tokens }

    /// The next token, or nil behind the last one.
    ///
    /// - Throws: As ``TokenGenerator/next()``, and `CancellationError`.
    public mutating func next() async throws -> TokenProbability? {
      guard given < tokens.count else { return nil }
      try Task.checkCancellation()
      given += 1
      return try await generator.next(tokens)
    }
  }

  /// The generator of one iteration, which begins with the first token.
  private final class Generator: Sendable {
    private let state = Mutex<TokenGenerator?>(nil)

    func next(_ tokens: GeneratedTokens) async throws -> TokenProbability {
      // A step takes long, and the threads of tasks are few.
      try await withCheckedThrowingContinuation { continuation in
        DispatchQueue.global().async {
          continuation.resume(
            with: Result {
              try self.state.withLock { generator in
                if generator == nil {
                  generator = try TokenGenerator(
                    tokens.decoder, prompt: tokens.prompt, sampling: tokens.sampling)
                }
                guard let token = try generator?.next() else { throw CancellationError() }
                return token
              }
            })
        }
      }
    }
  }
}
