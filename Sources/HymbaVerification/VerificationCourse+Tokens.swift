import HymbaConversion
import HymbaFormat
package import HymbaModel

/// What a verification says of next tokens.
extension VerificationCourse {
  static func scoredPositions(
    of input: InputChoice, _ architecture: Architecture, _ location: String
  ) throws -> [Int] {
    guard case .tokens = architecture.input, architecture.output.isLogits else {
      throw FileDiagnosis(
        location, VerificationError.argument(.cannotScore("the model reads no tokens or gives no logits")))
    }
    return try input.judging { try input.scoredPositions() }
  }

  /// Scores the tokens of the input and lists the most probable ones behind it, as far as that was asked for.
  ///
  /// - Parameter logits: [batch, seq, vocabulary]
  mutating func scoreTokens(_ logits: Tensor) throws {
    guard case .tokens(let ids, _) = input.batch else { return }
    if let scored {
      let first = TokenScore(logits: logits, ids: ids, positions: scored)
      report.tokenScore = TokenScore([first] + (try scoresBehindFirst()), windows: windows?.description)
    }
    if options.nextTokens > 0 {
      let (ids, logits) = try endOfWindows() ?? (ids, logits)
      report.next = NextToken.mostProbable(options.nextTokens, logits: logits, ids: ids, text: options.text)
    }
  }

  /// The last tokens of a text in several windows and their logits [1, seq, vocabulary]; nil for any other input.
  private func endOfWindows() throws -> (ids: [Int], logits: Tensor)? {
    guard let windows, windows.windows.count > 1 else { return nil }
    let pass = ForwardPass(architecture, parameters: model.parameters, jobs: options.jobs)
    return try naming(model.location) { (windows.end, try pass.run(.tokens(windows.end, batch: 1))) }
  }

  /// The scores of the windows that the checks did not run on.
  private func scoresBehindFirst() throws -> [TokenScore] {
    guard let windows, windows.windows.count > 1 else { return [] }
    let pass = ForwardPass(architecture, parameters: model.parameters, jobs: options.jobs)
    let total = windows.windows.dropFirst().reduce(0) { $0 + $1.count }
    return try naming(model.location) {
      try windows.scoresBehindFirst(pass) { [progress] in progress("windows", $0, total) }
    }
  }
}

extension Architecture {
  /// Checks that the model reads tokens and gives scores for the next one, as an option or a command asks of it.
  ///
  /// - Parameter location: The checkpoint.
  /// - Throws: `FileDiagnosis` of the kind `usage`, with the location.
  package func requireNextTokens(of location: String) throws {
    do {
      try requireNextTokens()
    } catch {
      throw FileDiagnosis(location, VerificationError.argument(error))
    }
  }
}
