import HymbaFormat

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
  /// Threads that share out the channels.
  var jobs = 1

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
    let jobs = x.values.count * states > 1 << 16 ? jobs : 1
    let blockSize = (channels + jobs - 1) / jobs
    let before = state
    let blocks = Parallel.map(count: (channels + blockSize - 1) / blockSize, jobs: jobs) { block in
      scan(
        block * blockSize..<min(channels, (block + 1) * blockSize), x, delta, inputDelta, b, c,
        batch: batch, length: length, state: before)
    }
    var y = [Float](repeating: 0, count: x.values.count)
    for block in blocks {
      let range = block.channels
      for row in 0..<x.rows {
        y.replaceSubrange(
          row * channels + range.lowerBound..<row * channels + range.upperBound,
          with: block.y[row * range.count..<(row + 1) * range.count])
      }
      for sequence in 0..<batch {
        let part = range.count * states
        let start = (sequence * channels + range.lowerBound) * states
        state.replaceSubrange(
          start..<start + part, with: block.state[sequence * part..<(sequence + 1) * part])
      }
    }
    return Matrix(rows: x.rows, columns: channels, values: y)
  }

  private struct Block: Sendable {
    let channels: Range<Int>
    var y: [Float] = []  // [batch * length, block]
    var state: [Float] = []  // [batch, block, states]
  }

  /// The recurrence of some channels.
  private func scan(
    _ range: Range<Int>, _ x: Matrix, _ delta: Matrix, _ inputDelta: Matrix, _ b: Matrix,
    _ c: Matrix, batch: Int, length: Int, state before: [Float]
  ) -> Block {
    var block = Block(channels: range)
    block.y.reserveCapacity(x.rows * range.count)
    for sequence in 0..<batch {
      let start = (sequence * channels + range.lowerBound) * states
      var state = Array(before[start..<start + range.count * states])
      for row in sequence * length..<(sequence + 1) * length {
        for channel in range {
          let position = row * channels + channel
          let step = delta.values[position]
          let input =
            inputDelta.values[inputDelta.columns == 1 ? row : position] * x.values[position]
          var sum: Float = 0
          for s in 0..<states {
            let own = (channel - range.lowerBound) * states + s
            let next =
              exp(step * a[channel * states + s]) * state[own] + input * b.values[row * states + s]
            state[own] = next
            sum += c.values[row * states + s] * next
          }
          block.y.append(sum + (d.map { $0[channel] * x.values[position] } ?? 0))
        }
      }
      block.state += state
    }
    return block
  }
}
