import HymbaModel

/// The results of one forward pass.
struct ForwardRun {
  /// The names of the recorded captures, in the order of computation.
  let order: [String]
  /// The captures that were kept, by name.
  let tensors: [String: Tensor]
  /// The statistics of each layer, in the order of the layers.
  let layers: [LayerReport]
  /// The model's output.
  let output: Tensor
  /// The content of ``Capture/lastHiddenState``, [batch, seq, hidden].
  let lastHiddenState: Tensor
  /// The first recorded capture, in the order of computation, with a value that is NaN or infinite; nil if all
  /// are finite.
  let firstNotFinite: String?
  /// The routing of each layer that has experts, by layer.
  let routers: [Int: Routing]
  /// The last hidden states of each other lane, [batch, positions, hidden].
  let beside: [Tensor]
  /// The attention of the head that the pass keeps; nil for none.
  let attention: AttentionWeights?
  private let noTies: NearTies

  /// The probabilities of a layer's experts, and the rule by which its router chooses.
  struct Routing {
    let probabilities: Tensor  // [batch, length, experts]
    let chooser: ExpertChooser
  }

  /// Runs the pass.
  ///
  /// - Parameters:
  ///   - others: Lanes that go through the model beside the input.
  ///   - steering: Decides the choice of experts where the routers do not.
  ///   - keep: Which captures to keep, by name. Statistics are made of all captures.
  ///   - onLayer: Called after each layer with the number of layers that are done.
  ///   - onCapture: Called at each capture.
  /// - Throws: As ``ForwardPass/run(_:beside:steering:capture:)``.
  init(
    _ pass: ForwardPass, _ input: InputBatch, beside others: [Lane] = [],
    steering: ExpertSteering = ExpertSteering(), keep: (String) -> Bool,
    onLayer: (Int) -> Void = { _ in }, onCapture: () -> Void = {}
  ) throws {
    var order: [String] = []
    var tensors: [String: Tensor] = [:]
    var layers: [LayerReport] = []
    var firstNotFinite: String?
    var routers: [Int: Routing] = [:]
    var attention: AttentionWeights?
    var statistics = LayerStatistics()
    let uses = Dictionary(
      uniqueKeysWithValues: pass.architecture.sharedUses.map { ($0.layer, $0) })
    let result = try pass.run(.together(input), beside: others, steering: steering) {
      capture, tensor in
      onCapture()
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
            statistics.report(
              index: index - 1, layer, use: uses[index - 1], routers[index - 1]?.chooser,
              output: tensor))
          onLayer(index)
        }
        statistics = LayerStatistics(stream: tensor)
      } else {
        statistics.add(capture, tensor)
      }
      if case .attentionWeights(let layer, let head) = capture {
        attention = AttentionWeights(
          AttentionHead(layer: layer, head: head), tensor, in: pass.architecture)
      }
      if case .router(let index) = capture, let chooser = try pass.expertChooser(layer: index) {
        routers[index] = Routing(probabilities: tensor, chooser: chooser)
      }
    }
    self.output = result.output
    self.lastHiddenState = result.lastHiddenState
    self.beside = result.beside
    self.attention = attention
    self.firstNotFinite = firstNotFinite
    self.order = order
    self.tensors = tensors
    self.layers = layers
    self.routers = routers
    self.noTies = NearTies(
      batch: input.batch, length: input.length,
      metaCount: pass.architecture.metaTokens.prependedCount)
  }

  /// The positions at which rounding decides which experts are chosen.
  ///
  /// - Parameter noise: The effect of rounding in this model; nil where it was not measured.
  func nearTies(_ noise: RoundingNoise? = nil) -> NearTies {
    var ties = noTies
    for (layer, routing) in routers {
      ties.add(
        routing.probabilities, routing.chooser,
        margin: NearTies.margin(noise: noise?.routers[layer]))
    }
    return ties
  }

  /// The experts that the routers choose for every row, by layer.
  var choices: [Int: ExpertSteering.Choices] { routers.mapValues(\.choices) }
}

extension ForwardRun.Routing {
  var choices: ExpertSteering.Choices {
    let experts = probabilities.dimensions.last ?? 1
    let rows = probabilities.values.count / max(1, experts)
    return Dictionary(
      uniqueKeysWithValues: (0..<rows).map { row in
        let values = probabilities.values[row * experts..<(row + 1) * experts]
        return (row, chooser(values).experts)
      })
  }
}
