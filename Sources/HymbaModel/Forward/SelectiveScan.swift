import HymbaFormat

/// The recurrence of a selective state space model (arXiv 2312.00752, equation 2 with the step sizes of
/// algorithm 2):
///
///     h_t[c, s] = exp(delta_t[c] * A[c, s]) * h_{t-1}[c, s] + inputDelta_t[c] * B_t[s] * x_t[c]
///     y_t[c]    = sum_s C_t[s] * h_t[c, s]  (+ D[c] * x_t[c])
///
/// With several heads, each has a B and a C for its own channels.
package struct SelectiveScan: Sendable {
  let channels: Int
  let heads: Int
  let states: Int
  /// A * log2(e), so that the decay is a power of 2, which the kernel computes more cheaply than a power of e.
  let a: [Float]  // [channels, states]
  let d: [Float]?  // [channels]
  /// The number of threads that share the channels.
  private let jobs: Int

  /// - Parameters:
  ///   - heads: The number of equal groups of channels.
  ///   - a: A, [channels, states]. It is negative in a sound model.
  ///   - d: [channels]
  package init(channels: Int, heads: Int = 1, states: Int, a: [Float], d: [Float]?, jobs: Int = 1) {
    self.channels = channels
    self.heads = heads
    self.states = states
    self.a = a.map { $0 * 1.442_695_04 }
    self.d = d
    self.jobs = jobs
  }

  /// The state before the first position: zeros, [batch, channels, states].
  package func emptyState(batch: Int) -> [Float] {
    [Float](repeating: 0, count: batch * channels * states)
  }

  /// Runs the recurrence over the next positions of each sequence.
  ///
  /// - Parameters:
  ///   - x: [batch * length, channels]
  ///   - delta: [batch * length, channels], the time step of the decay.
  ///   - inputDelta: [batch * length, channels], the time step by which the input enters; or [batch * length,
  ///     1], one step for all channels.
  ///   - b: [batch * length, heads * states]
  ///   - c: [batch * length, heads * states]
  ///   - state: h before the first position, [batch, channels, states]. It becomes h after the last position.
  /// - Returns: y, [batch * length, channels]
  package func callAsFunction(
    _ x: Matrix, delta: Matrix, inputDelta: Matrix, b: Matrix, c: Matrix, batch: Int, length: Int,
    state: inout [Float]
  ) -> Matrix {
    let rows = batch * length
    precondition(
      x.rows == rows && x.columns == channels && delta.rows == rows && delta.columns == channels
        && inputDelta.rows == rows && [1, channels].contains(inputDelta.columns)
        && b.rows == rows && b.columns == heads * states && c.rows == rows
        && c.columns == heads * states
        && state.count == batch * channels * states, "a scan of matching shapes")
    // A block holds channels of one head of one sequence. Its size is a multiple of the 16 channels that the
    // kernel takes together.
    let jobs = x.values.count * states > 1 << 16 ? jobs : 1
    let headSize = channels / heads
    let blockSize = ((channels + jobs - 1) / jobs + 15) / 16 * 16
    let blocks = (headSize + blockSize - 1) / blockSize
    return unsafe Matrix(rows: rows, columns: channels) { y in
      unsafe Kernels.scan(self, x, delta, inputDelta, b, c, state: &state, into: y) { scan in
        // Each block has its own part of the state and of y.
        nonisolated(unsafe) let scan = unsafe scan
        Workers.shared.forEach(batch * heads * blocks, jobs: jobs) { index in
          let head = index / blocks % heads
          let first = index % blocks * blockSize
          unsafe Kernels.scan(
            scan, sequence: index / (blocks * heads), length: length, head: head,
            head * headSize + first..<head * headSize + min(headSize, first + blockSize))
        }
      }
    }
  }
}
