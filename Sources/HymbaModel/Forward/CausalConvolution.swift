/// A depthwise causal convolution over the positions of each sequence.
struct CausalConvolution: Sendable {
  let channels: Int
  let width: Int
  /// The last tap multiplies the current position.
  private let weight: [Float]  // [width, channels]
  private let bias: [Float]?  // [channels]

  /// - Parameter weight: [channels, width], as checkpoints store it
  init(channels: Int, width: Int, weight: [Float], bias: [Float]?) {
    self.channels = channels
    self.width = width
    self.weight = (0..<width).flatMap { tap in
      (0..<channels).map { weight[$0 * width + tap] }
    }
    self.bias = bias
  }

  /// What precedes the first position: zeros, [batch, width - 1, channels].
  func emptyHistory(batch: Int) -> [Float] {
    [Float](repeating: 0, count: batch * (width - 1) * channels)
  }

  /// y[t, c] = bias[c] + sum_k weight[c, k] * x[t - (width - 1) + k, c].
  ///
  /// - Parameters:
  ///   - x: [batch * length, channels]
  ///   - history: The width - 1 positions before, [batch, width - 1, channels]; becomes those before the
  ///     next call.
  /// - Returns: [batch * length, channels]
  func callAsFunction(
    _ x: Matrix, batch: Int, length: Int, history: inout [Float]
  ) -> Matrix {
    let before = (width - 1) * channels
    let rows = length * channels
    let y = unsafe Matrix(rows: x.rows, columns: channels) { y in
      for sequence in 0..<batch {
        let part = sequence * rows..<(sequence + 1) * rows
        unsafe Kernels.convolve(
          x.values[part], history: history[sequence * before..<(sequence + 1) * before],
          weight: weight, bias: bias, channels: channels, width: width,
          into: UnsafeMutableBufferPointer(rebasing: y[part]))
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
