import HymbaModel

/// Collects the captures of one layer and makes the layer's report of them.
struct LayerStatistics {
  /// The stream that enters the layer.
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

  /// - Parameter chooser: The rule of the layer's router; nil for a layer without experts.
  func report(
    index: Int, _ layer: Architecture.Layer, _ chooser: ExpertChooser?, outputShape: [Int]
  ) -> LayerReport {
    var report = LayerReport(
      index: index, outputShape: outputShape, mixer: LayerReport.Mixer(layer.mixer), gate: gate,
      fusion: fusion)
    if report.mixer != .parallel, let stream, let mixer = attention ?? mamba {
      report.residual = ResidualStatistics(stream: stream, mixer: mixer, shared: shared)
    }
    if let router, let chooser {
      report.router = RouterStatistics(router, chooser)
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
