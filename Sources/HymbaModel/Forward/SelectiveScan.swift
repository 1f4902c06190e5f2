#if canImport(Glibc)
  import Glibc
#endif

/// The recurrence of a selective state space model (arXiv 2312.00752, equation 2 with the step sizes of
/// algorithm 2):
///
///     h_t[c, s] = exp(delta_t[c] * A[c, s]) * h_{t-1}[c, s] + inputDelta_t[c] * B_t[s] * x_t[c]
///     y_t[c]    = sum_s C_t[s] * h_t[c, s]  (+ D[c] * x_t[c])
struct SelectiveScan: Sendable {
  let channels: Int
  let states: Int
  let a: [Float]  // [channels, states]
  let d: [Float]?  // [channels]

  /// The state before the first position: zeros, [batch, channels, states].
  func emptyState(batch: Int) -> [Float] {
    [Float](repeating: 0, count: batch * channels * states)
  }

  /// - Parameters:
  ///   - x: [batch * length, channels]
  ///   - delta: [batch * length, channels], the step of the decay
  ///   - inputDelta: [batch * length, channels], the step by which the input enters; or one column, the
  ///     same step for every channel
  ///   - b: [batch * length, states]
  ///   - c: [batch * length, states]
  ///   - state: h before the first position, [batch, channels, states]; becomes h after the last.
  /// - Returns: [batch * length, channels]
  func callAsFunction(
    _ x: Matrix, delta: Matrix, inputDelta: Matrix, b: Matrix, c: Matrix, batch: Int, length: Int,
    state: inout [Float]
  ) -> Matrix {
    var y = [Float](repeating: 0, count: x.values.count)
    for sequence in 0..<batch {
      let start = sequence * channels * states
      for row in sequence * length..<(sequence + 1) * length {
        for channel in 0..<channels {
          let position = row * channels + channel
          let step = delta.values[position]
          let input =
            inputDelta.values[inputDelta.columns == 1 ? row : position] * x.values[position]
          var sum: Float = 0
          for s in 0..<states {
            let index = channel * states + s
            let next =
              exp(step * a[index]) * state[start + index] + input * b.values[row * states + s]
            state[start + index] = next
            sum += c.values[row * states + s] * next
          }
          y[position] = sum + (d.map { $0[channel] * x.values[position] } ?? 0)
        }
      }
    }
    return Matrix(rows: x.rows, columns: channels, values: y)
  }
}
