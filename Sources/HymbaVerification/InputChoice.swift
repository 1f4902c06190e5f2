import HymbaFormat
import HymbaModel

/// The input that a model is run on, and its origin.
struct InputChoice {
  enum Origin {
    /// Token ids, with the name of their source.
    case tokens(String)
    case file(Reference)
    case probe
  }

  let origin: Origin
  let batch: InputBatch

  /// Chooses the first of these that is given: token ids, the input file, the reference if it holds an input,
  /// the probe.
  ///
  /// - Throws: ``ModelError/inputMissing(_:)`` for an input file without an input, and the errors of reading a
  ///   file.
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

  /// The name of the input in the report and in errors.
  var name: String {
    switch origin {
    case .tokens(let name): name
    case .file(let file): file.name
    case .probe: "probe"
    }
  }

  /// Runs code that judges the input, and adds the input's name to its errors. An error in tokens that came as
  /// an argument becomes a ``VerificationError/argument(_:)``, which is wrong usage.
  ///
  /// - Throws: The errors of `body`, changed in this way.
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

  /// The positions whose next token is scored: those that the file's mask selects, or all. The last position of
  /// a sequence has no next token.
  ///
  /// - Returns: Indices of [batch * length], in ascending order.
  /// - Throws: ``ModelError/cannotScore(_:)`` when there is no such position,
  ///   ``ModelError/tensorShape(_:found:expected:)`` for a mask that does not fit the input, and the errors of
  ///   reading the mask.
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
