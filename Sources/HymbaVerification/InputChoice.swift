import HymbaFormat
import HymbaModel

/// What a model is run on, and who gave it.
struct InputChoice {
  enum Origin {
    /// Token ids, by what gives them.
    case tokens(String)
    case file(Reference)
    case probe
  }

  let origin: Origin
  let batch: InputBatch

  /// The first of: token ids, the input's file, the reference if it holds an input, the probe.
  /// - Throws: ``ModelError/inputMissing(_:)`` for an input's file that holds none, and what reading it throws.
  init(
    _ architecture: Architecture, tokens: [Int]?, named tokensName: String = "tokens", input: Reference?, expected: Reference?
  ) throws {
    if let tokens {
      self.init(origin: .tokens(tokensName), batch: .tokens(tokens, batch: 1))
    } else if let input {
      guard let batch = try input.input(for: architecture) else {
        let name = if case .tokens = architecture.input { "input_ids" } else { "input" }
        throw FileDiagnosis(input.name, ModelError.inputMissing(name))
      }
      self.init(origin: .file(input), batch: batch)
    } else if let expected, let batch = try expected.input(for: architecture) {
      self.init(origin: .file(expected), batch: batch)
    } else {
      self.init(origin: .probe, batch: Probe.input(for: architecture))
    }
  }

  private init(origin: Origin, batch: InputBatch) {
    self.origin = origin
    self.batch = batch
  }

  /// As the report and errors call it.
  var name: String {
    switch origin {
    case .tokens(let name): name
    case .file(let file): file.name
    case .probe: "probe"
    }
  }

  /// Runs what judges the input, and names it in what that throws. What is wrong with tokens that were given as an
  /// argument is wrong usage.
  func judging<Result>(_ body: () throws -> Result) throws -> Result {
    try naming(name) {
      do {
        return try body()
      } catch let error as ModelError {
        guard case .tokens = origin else { throw error }
        throw VerificationError.argument(error)
      }
    }
  }

  var isProbe: Bool { if case .probe = origin { true } else { false } }

  /// The positions whose next token is scored: those that the file's mask marks, or all; the last position of a
  /// sequence has no next token.
  /// - Throws: ``ModelError/cannotScore(_:)`` when there is none, ``ModelError/tensorShape(_:found:expected:)``
  ///   for a mask that is none of this input.
  func scoredPositions() throws -> [Int] {
    var mask: [Bool]?
    if case .file(let file) = origin { mask = try file.targetMask(of: batch) }
    let positions = (0..<batch.batch * batch.length).filter {
      $0 % batch.length != batch.length - 1 && mask?[$0] ?? true
    }
    guard !positions.isEmpty else {
      throw ModelError.cannotScore("no position of the input has a next token to score")
    }
    return positions
  }
}
