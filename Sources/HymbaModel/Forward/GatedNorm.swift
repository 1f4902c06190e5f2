/// The RMS norm beside the gate of a Mamba-2, over each group of channels on its own.
package struct GatedNorm: Sendable {
  let weight: [Float]
  let groups: Int
  let epsilon: Float
  let order: Architecture.Mamba2.GatedNorm.Order

  package init(
    weight: [Float], groups: Int, epsilon: Float, order: Architecture.Mamba2.GatedNorm.Order
  ) {
    (self.weight, self.groups, self.epsilon, self.order) = (weight, groups, epsilon, order)
  }

  package func callAsFunction(_ y: Matrix, gate: Matrix) -> Matrix {
    let size = weight.count / groups
    var out = order == .afterGate ? y.combined(with: gate, *) : y
    for start in stride(from: 0, to: out.values.count, by: size) {
      let offset = start % weight.count
      Kernels.rmsNorm(
        &out.values, start..<start + size, weight: weight[offset..<offset + size], epsilon: epsilon)
    }
    return order == .afterGate ? out : out.combined(with: gate, *)
  }
}
