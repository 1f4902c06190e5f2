/// A depthwise causal convolution over the positions of each sequence.
struct CausalConvolution: Sendable {
  let channels: Int
  let width: Int
  let weight: [Float]  // [channels, width]; the last column multiplies the current position
  let bias: [Float]?  // [channels]

  /// y[t, c] = bias[c] + sum_k weight[c, k] * x[t - (width - 1) + k, c]; positions before the first are 0.
  ///
  /// - Parameter x: [batch * length, channels]
  /// - Returns: [batch * length, channels]
  func callAsFunction(_ x: Matrix, batch: Int, length: Int) -> Matrix {
    var y = [Float](repeating: 0, count: x.values.count)
    for sequence in 0..<batch {
      for position in 0..<length {
        let row = (sequence * length + position) * channels
        for channel in 0..<channels {
          var sum = bias?[channel] ?? 0
          for tap in max(0, width - 1 - position)..<width {
            let back = (width - 1 - tap) * channels
            sum += weight[channel * width + tap] * x.values[row - back + channel]
          }
          y[row + channel] = sum
        }
      }
    }
    return Matrix(rows: x.rows, columns: channels, values: y)
  }
}
