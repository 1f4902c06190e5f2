import HymbaModel

/// One forward pass with all that was captured, in the order of computation.
struct ForwardRun {
  let order: [String]
  let tensors: [String: Tensor]
  /// By layer.
  let layers: [LayerReport]
  let output: Tensor
  /// ``Capture/lastHiddenState``: [batch, seq, hidden].
  let lastHiddenState: Tensor
  /// The first recorded capture, in the order of computation, with a value that is NaN or infinite.
  let firstNotFinite: String?
  let nearTies: NearTies

  /// - Parameter keep: Which captures to keep; statistics are made of all.
  init(
    _ pass: ForwardPass, _ input: InputBatch, keep: (String) -> Bool,
    onLayer: (Int) -> Void = { _ in }
  ) throws {
    var order: [String] = []
    var tensors: [String: Tensor] = [:]
    var layers: [LayerReport] = []
    var lastHiddenState: Tensor?
    var firstNotFinite: String?
    var nearTies = NearTies(
      batch: input.batch, length: input.length,
      metaCount: pass.architecture.metaTokens.prependedCount)
    var statistics = LayerStatistics()
    self.output = try pass.run(input) { capture, tensor in
      if capture.isRecorded {
        order.append(capture.name)
        if firstNotFinite == nil, !tensor.values.allSatisfy(\.isFinite) {
          firstNotFinite = capture.name
        }
        if keep(capture.name) { tensors[capture.name] = tensor }
      }
      if case .hiddenStates(let index) = capture {
        if index > 0 {
          let layer = pass.architecture.layers[index - 1]
          layers.append(
            statistics.report(index: index - 1, layer, outputShape: tensor.dimensions))
          onLayer(index)
        }
        statistics = LayerStatistics(stream: tensor)
      } else {
        statistics.add(capture, tensor)
      }
      if case .router(let index) = capture,
        case .experts(_, let perToken, _, _) = pass.architecture.layers[index].feedForward
      {
        nearTies.add(tensor, perToken: perToken)
      }
      if capture == .lastHiddenState { lastHiddenState = tensor }
    }
    guard let lastHiddenState else { preconditionFailure("every pass captures its last state") }
    self.lastHiddenState = lastHiddenState
    self.firstNotFinite = firstNotFinite
    self.order = order
    self.tensors = tensors
    self.layers = layers
    self.nearTies = nearTies
  }
}

/// What the captures of one layer tell of it.
private struct LayerStatistics {
  /// What enters the layer.
  private let stream: Tensor?
  private var gate: GateStatistics?
  private var attention: Tensor?
  private var mamba: Tensor?
  private var mambaGate: Tensor?
  private var attentionNormed: Tensor?
  private var mambaNormed: Tensor?
  private var shared: Tensor?
  private var router: Tensor?

  init(stream: Tensor? = nil) { self.stream = stream }

  func report(index: Int, _ layer: Architecture.Layer, outputShape: [Int]) -> LayerReport {
    var report = LayerReport(
      index: index, outputShape: outputShape, mixer: LayerReport.Mixer(layer.mixer), gate: gate,
      fusion: fusion)
    if report.mixer != .parallel, let stream, let mixer = attention ?? mamba {
      report.residual = ResidualStatistics(stream: stream, mixer: mixer, shared: shared)
    }
    if let router, case .experts(_, let perToken, _, _) = layer.feedForward {
      report.router = RouterStatistics(router, perToken: perToken)
    }
    return report
  }

  mutating func add(_ capture: Capture, _ tensor: Tensor) {
    switch capture {
    case .gate: gate = GateStatistics(tensor)
    case .attention: attention = tensor
    case .mamba: mamba = tensor
    case .mambaGate: mambaGate = tensor
    case .attentionNormed: attentionNormed = tensor
    case .mambaNormed: mambaNormed = tensor
    case .shared: shared = tensor
    case .router: router = tensor
    case .hiddenStates, .lastHiddenState, .logits, .output: break
    }
  }

  private var fusion: FusionStatistics? {
    guard let attention, let mamba, let mambaGate, let attentionNormed, let mambaNormed else {
      return nil
    }
    return FusionStatistics(
      attention: attention, mamba: mamba, attentionNormed: attentionNormed,
      mambaNormed: mambaNormed, gate: mambaGate)
  }
}
