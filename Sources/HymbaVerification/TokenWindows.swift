import HymbaModel

/// A long sequence of tokens in windows, each of which goes through the model by itself.
struct TokenWindows {
  /// The windows, all of the same length but for the last.
  let windows: [[Int]]
  /// The last tokens of the sequence, as many as a window has: what the model reads before a token behind them.
  let end: [Int]

  /// - Parameter length: The tokens of a window, at least two.
  init(_ ids: [Int], length: Int) {
    self.windows = stride(from: 0, to: ids.count, by: length).map { Array(ids[$0..<min($0 + length, ids.count)]) }
    self.end = ids.suffix(length)
  }

  /// What a report says of the windows.
  var description: TokenScore.Windows {
    let length = windows.first?.count ?? 0
    return TokenScore.Windows(count: windows.count, length: length, stride: length)
  }

  /// The score of all windows but the first.
  ///
  /// - Parameter progress: Is told how many tokens are done.
  /// - Returns: The scores of parts of the windows. A window of one token has none, as nothing follows it.
  /// - Throws: The errors of the pass.
  /// - Complexity: Reads the checkpoint once for each ``positionsTogether`` tokens.
  func scoresBehindFirst(_ pass: ForwardPass, progress: (Int) -> Void) throws -> [TokenScore] {
    var (rest, done, scores) = (windows.dropFirst().filter { $0.count > 1 }[...], 0, [TokenScore]())
    while let length = rest.first?.count {
      let most = max(1, Self.positionsTogether / length)
      let part = rest.prefix(most).prefix { $0.count == length }
      rest = rest.dropFirst(part.count)
      let ids = Array(part.joined())
      let logits = try pass.run(.tokens(ids, batch: part.count))
      let positions = ids.indices.filter { $0 % length != length - 1 }
      scores.append(TokenScore(logits: logits, ids: ids, positions: positions))
      done += ids.count
      progress(done)
    }
    return scores
  }

  /// The positions of one pass. More would take more memory and hardly less time.
  private static let positionsTogether = 2048
}
