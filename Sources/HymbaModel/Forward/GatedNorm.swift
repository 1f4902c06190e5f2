/// The RMS norm of a Mamba-2 mixer's result, with its gate. Each group of neighbouring channels has its own
/// mean square.
package struct GatedNorm: Sendable {
  private let weight: [Float]
  private let groups: Int
  private let epsilon: Float
  private let isBeforeGate: Bool

  /// - Parameters:
  ///   - weight: [inner]
  ///   - groups: A divisor of inner.
  ///   - isBeforeGate: Whether the gate multiplies what the norm gives, instead of what it takes.
  package init(weight: [Float], groups: Int, epsilon: Float, isBeforeGate: Bool = false) {
    precondition(weight.count.isMultiple(of: groups), "groups of equal size")
    self.weight = weight
    self.groups = groups
    self.epsilon = epsilon
    self.isBeforeGate = isBeforeGate
  }

  /// norm(y * gate), or norm(y) * gate before the gate.
  ///
  /// - Parameters:
  ///   - y: [rows, inner]
  ///   - gate: The activated gate, [rows, inner]
  /// - Returns: [rows, inner]
  package func callAsFunction(_ y: consuming Matrix, gate: Matrix) -> Matrix {
    if isBeforeGate {
      norm(&y)
      return y.combined(with: gate, *)
    }
    var gated = y.combined(with: gate, *)
    norm(&gated)
    return gated
  }

  private func norm(_ x: inout Matrix) {
    let size = weight.count / groups
    precondition(x.columns == weight.count, "a weight for each column")
    // All rows of a single group follow one another and are normalised together.
    let step = groups == 1 ? x.values.count : size
    for start in stride(from: 0, to: x.values.count, by: step) {
      let first = start % x.columns
      Kernels.rmsNorm(
        &x.values, start..<start + step, weight: weight[first..<first + size], epsilon: epsilon)
    }
  }
}
