#if canImport(Glibc)
  import Glibc
#endif

/// The recurrence of Mamba-2 (arXiv 2405.21060, section 3).
package struct DualScan: Sendable {
  let heads: Int
  let headSize: Int
  let groups: Int
  let states: Int
  let a: [Float]
  let d: [Float]
  let jobs: Int

  package init(heads: Int, headSize: Int, groups: Int, states: Int, a: [Float], d: [Float], jobs: Int = 1) {
    (self.heads, self.headSize, self.groups, self.states, self.a, self.d, self.jobs) =
      (heads, headSize, groups, states, a, d, jobs)
  }

  package func emptyState(batch: Int) -> [Float] {
    [Float](repeating: 0, count: batch * heads * headSize * states)
  }

  package func callAsFunction(
    _ x: Matrix, delta: Matrix, b: Matrix, c: Matrix, batch: Int, length: Int, state: inout [Float]
  ) -> Matrix {
    var y = Matrix(rows: x.rows, columns: x.columns)
    for sequence in 0..<batch {
      for t in 0..<length {
        let row = sequence * length + t
        for head in 0..<heads {
          let group = head / (heads / groups)
          let step = delta.values[row * heads + head]
          let decay = exp(step * a[head])
          for p in 0..<headSize {
            let channel = head * headSize + p
            let base = ((sequence * heads + head) * headSize + p) * states
            let value = x.values[row * x.columns + channel]
            var sum: Float = 0
            for n in 0..<states {
              let k = row * groups * states + group * states + n
              state[base + n] = decay * state[base + n] + step * value * b.values[k]
              sum += state[base + n] * c.values[k]
            }
            y.values[row * x.columns + channel] = sum + d[head] * value
          }
        }
      }
    }
    return y
  }
}
