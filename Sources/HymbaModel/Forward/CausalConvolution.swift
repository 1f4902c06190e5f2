import HymbaFormat

/// A depthwise causal convolution along the positions of each sequence.
package struct CausalConvolution: Sendable {
  let channels: Int
  let width: Int
  /// The weights with the taps first. The last tap multiplies the current position.
  private let weight: [Float]  // [width, channels]
  private let bias: [Float]?  // [channels]
  /// The number of threads that share the positions.
  private let jobs: Int

  /// - Parameters:
  ///   - weight: [channels, width], as checkpoints store it
  ///   - bias: [channels]
  package init(channels: Int, width: Int, weight: [Float], bias: [Float]?, jobs: Int = 1) {
    self.channels = channels
    self.width = width
    self.weight = (0..<width).flatMap { tap in
      (0..<channels).map { weight[$0 * width + tap] }
    }
    self.bias = bias
    self.jobs = jobs
  }

  /// The values before the first position: zeros, [batch, width - 1, channels].
  func emptyHistory(batch: Int) -> [Float] {
    [Float](repeating: 0, count: batch * (width - 1) * channels)
  }

  /// y[t, c] = bias[c] + sum_k weight[c, k] * x[t - (width - 1) + k, c].
  ///
  /// - Parameters:
  ///   - x: [batch * length, channels]
  ///   - history: The width - 1 positions before x, [batch, width - 1, channels]. It becomes the history of the
  ///     next call.
  ///   - activation: The function that is applied to each result.
  /// - Returns: [batch * length, channels]
  package func callAsFunction(
    _ x: Matrix, batch: Int, length: Int, history: inout [Float],
    then activation: Architecture.Activation? = nil
  ) -> Matrix {
    let before = (width - 1) * channels
    let rows = length * channels
    // A part must be at least as long as the history, so that each part after the first finds its history in x.
    let parts = length / jobs >= width ? jobs : 1
    let y = unsafe Matrix(rows: x.rows, columns: channels) { [history] y in
      nonisolated(unsafe) let y = unsafe y
      Workers.shared.forEach(batch * parts, jobs: jobs) { index in
        let (sequence, part) = index.quotientAndRemainder(dividingBy: parts)
        let start = (sequence * length + part * length / parts) * channels
        let end = (sequence * length + (part + 1) * length / parts) * channels
        let results = unsafe UnsafeMutableBufferPointer(rebasing: y[start..<end])
        unsafe Kernels.convolve(
          x.values[start..<end],
          history: part == 0
            ? history[sequence * before..<(sequence + 1) * before]
            : x.values[start - before..<start],
          weight: weight, bias: bias, channels: channels, width: width, into: results)
        unsafe activation?.apply(to: results)
      }
    }
    for sequence in 0..<batch {
      let past = sequence * before..<(sequence + 1) * before
      let padded =
        history[past] + x.values[sequence * rows..<(sequence + 1) * rows].suffix(before)
      history.replaceSubrange(past, with: padded.suffix(before))
    }
    return y
  }
}
