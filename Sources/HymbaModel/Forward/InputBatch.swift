/// The input of a model: sequences of equal length.
public enum InputBatch: Hashable, Sendable {
  /// Input vectors, [batch, positions, size].
  case features(Tensor)
  /// Token ids, one sequence after another.
  case tokens([Int], batch: Int)

  public var batch: Int {
    switch self {
    case .features(let tensor): tensor.dimensions.first ?? 0
    case .tokens(_, let batch): batch
    }
  }

  /// The number of positions of each sequence.
  public var length: Int {
    switch self {
    case .features(let tensor): tensor.dimensions.count > 1 ? tensor.dimensions[1] : 0
    case .tokens(let ids, let batch): batch > 0 ? ids.count / batch : 0
    }
  }

  /// The dimensions as a reference file holds them: [batch, positions, size], or [batch, positions] of token
  /// ids.
  public var dimensions: [Int] {
    switch self {
    case .features(let tensor): tensor.dimensions
    case .tokens: [batch, length]
    }
  }

  /// The sequences of `range`, counted along the batch.
  public func rows(_ range: Range<Int>) -> InputBatch {
    switch self {
    case .features(let tensor): .features(tensor.rows(range))
    case .tokens(let ids, _):
      .tokens(
        Array(ids[range.lowerBound * length..<range.upperBound * length]), batch: range.count)
    }
  }

  /// A batch in which every sequence occurs twice: the whole batch behind itself.
  package var doubled: InputBatch {
    switch self {
    case .features(let tensor):
      .features(
        Tensor(
          [2 * tensor.dimensions[0]] + tensor.dimensions.dropFirst(),
          tensor.values + tensor.values))
    case .tokens(let ids, let batch): .tokens(ids + ids, batch: 2 * batch)
    }
  }

  /// The single sequence of a batch of one, with every position from `cut` on changed.
  package func changed(from cut: Int, vocabularySize: Int) -> InputBatch {
    switch self {
    case .features(let tensor):
      var values = tensor.values
      for index in cut * (tensor.values.count / max(1, length))..<values.count {
        // 0.5 - x changes every value but 0.25, which therefore becomes -1.
        values[index] = values[index] == 0.25 ? -1 : 0.5 - values[index]
      }
      return .features(Tensor(tensor.dimensions, values))
    case .tokens(let ids, let batch):
      return .tokens(
        ids.enumerated().map { $0 < cut ? $1 : ($1 + 1) % vocabularySize }, batch: batch)
    }
  }
}
