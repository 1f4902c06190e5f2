/// A depthwise causal convolution over the positions of each sequence.
struct CausalConvolution: Sendable {
  let channels: Int
  let width: Int
  let weight: [Float]  // [channels, width]; the last column multiplies the current position
  let bias: [Float]?  // [channels]

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
    var y: [Float] = []
    y.reserveCapacity(x.values.count)
    for sequence in 0..<batch {
      let past = sequence * before..<(sequence + 1) * before
      let padded =
        history[past]
        + x.values[sequence * length * channels..<(sequence + 1) * length * channels]
      let values = Array(padded)  // [width - 1 + length, channels]
      for position in 0..<length {
        for channel in 0..<channels {
          var sum = bias?[channel] ?? 0
          for tap in 0..<width {
            sum +=
              weight[channel * width + tap] * values[(position + tap) * channels + channel]
          }
          y.append(sum)
        }
      }
      history.replaceSubrange(past, with: values.suffix(before))
    }
    return Matrix(rows: x.rows, columns: channels, values: y)
  }
}
