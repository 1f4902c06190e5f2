import HymbaModel

/// One forward pass with all that was captured, in the order of computation.
struct ForwardRun {
  private(set) var order: [String] = []
  private(set) var tensors: [String: Tensor] = [:]
  /// By layer.
  private(set) var layers: [LayerReport] = []
  let output: Tensor

  /// - Parameter keep: Which captures to keep; statistics are made of all.
  init(
    _ pass: ForwardPass, _ input: Tensor, keep: (String) -> Bool,
    onLayer: (Int) -> Void = { _ in }
  ) throws {
    var order: [String] = []
    var tensors: [String: Tensor] = [:]
    var layers: [LayerReport] = []
    var gate: GateStatistics?
    self.output = try pass.run(input) { capture, tensor in
      order.append(capture.name)
      if keep(capture.name) { tensors[capture.name] = tensor }
      switch capture {
      case .gate: gate = GateStatistics(tensor)
      case .hiddenStates(let index) where index > 0:
        layers.append(LayerReport(index: index - 1, outputShape: tensor.dimensions, gate: gate))
        gate = nil
        onLayer(index)
      default: break
      }
    }
    self.order = order
    self.tensors = tensors
    self.layers = layers
  }
}
