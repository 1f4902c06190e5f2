import HymbaFormat

/// The recurrence of Mamba-2 (arXiv 2405.21060), with one decay for each head:
///
///     S_t[p, s] = exp(delta_t * A) * S_{t-1}[p, s] + delta_t * x_t[p] * B_t[s]
///     y_t[p]    = sum_s C_t[s] * S_t[p, s] + D * x_t[p]
///
/// Heads form groups of neighbours that share B and C. Positions are computed in chunks (section 6 there),
/// mostly by matrix products, which take little more than half the time of the recurrence itself.
package struct DualScan: Sendable {
  let heads: Int
  let headSize: Int
  let groups: Int
  let states: Int
  /// A * log2(e), so that the decay is a power of 2, which the kernel computes more cheaply than a power of
  /// e.
  let a: [Float]  // [heads]
  let d: [Float]  // [heads]
  /// The number of threads that share the heads.
  private let jobs: Int

  var channels: Int { heads * headSize }
  var headsOfGroup: Int { heads / groups }

  /// - Parameters:
  ///   - groups: A divisor of `heads`.
  ///   - a: A, [heads]. It is negative in a sound model.
  ///   - d: [heads]
  package init(
    heads: Int, headSize: Int, groups: Int, states: Int, a: [Float], d: [Float], jobs: Int = 1
  ) {
    precondition(
      heads.isMultiple(of: groups) && a.count == heads && d.count == heads,
      "a scan of matching shapes")
    self.heads = heads
    self.headSize = headSize
    self.groups = groups
    self.states = states
    self.a = a.map { $0 * 1.442_695_04 }
    self.d = d
    self.jobs = jobs
  }

  /// The state before the first position: zeros, [batch, heads, headSize, states].
  package func emptyState(batch: Int) -> [Float] {
    [Float](repeating: 0, count: batch * channels * states)
  }

  /// Runs the recurrence over the next positions of each sequence.
  ///
  /// No position's result depends on a later position, not even on its NaN.
  ///
  /// - Parameters:
  ///   - x: [batch * length, heads * headSize]
  ///   - delta: The time steps, [batch * length, heads]
  ///   - b: [batch * length, groups * states]
  ///   - c: [batch * length, groups * states]
  ///   - state: S before the first position, [batch, heads, headSize, states]. It becomes S after the last
  ///     position.
  /// - Returns: y, [batch * length, heads * headSize]
  /// - Complexity: Linear in the length. Memory for one chunk of one head on each thread.
  package func callAsFunction(
    _ x: Matrix, delta: Matrix, b: Matrix, c: Matrix, batch: Int, length: Int, state: inout [Float]
  ) -> Matrix {
    let rows = batch * length
    precondition(
      x.rows == rows && x.columns == channels && delta.rows == rows && delta.columns == heads
        && b.rows == rows && b.columns == groups * states && c.rows == rows
        && c.columns == groups * states && state.count == batch * channels * states,
      "a scan of matching shapes")
    let jobs = x.values.count * states > 1 << 16 ? jobs : 1
    // A block holds heads of one group of one sequence, at least two where the group has them, because each
    // block computes what the heads of a group share.
    let blocks = max(1, min(jobs, headsOfGroup / 2))
    return unsafe Matrix(rows: rows, columns: channels) { y in
      unsafe Kernels.scan(self, x, delta, b, c, state: &state, into: y) { scan in
        // Each block has its own part of the state and of y.
        nonisolated(unsafe) let scan = unsafe scan
        Workers.shared.forEach(batch * groups * blocks, jobs: jobs) { index in
          let (unit, block) = index.quotientAndRemainder(dividingBy: blocks)
          let (sequence, group) = unit.quotientAndRemainder(dividingBy: groups)
          let first = group * headsOfGroup
          unsafe run(
            scan, sequence: sequence, length: length,
            heads: first + block * headsOfGroup / blocks..<first + (block + 1) * headsOfGroup
              / blocks)
        }
      }
    }
  }
}
