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
  /// By layer with experts.
  let routers: [Int: Routing]
  /// Of each lane beside it: [batch, positions, hidden].
  let beside: [Tensor]
  private let noTies: NearTies

  /// The probabilities of a layer's experts, and how many each position goes through.
  struct Routing {
    let probabilities: Tensor  // [batch, length, experts]
    let perToken: Int
  }

  /// - Parameters:
  ///   - others: Lanes that go through the model with it.
  ///   - steering: Decides where experts are not left to the routers.
  ///   - keep: Which captures to keep; statistics are made of all.
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
    var statistics = LayerStatistics()
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
        routers[index] = Routing(probabilities: tensor, perToken: perToken)
      }
    }
    self.output = result.output
    self.lastHiddenState = result.lastHiddenState
    self.beside = result.beside
    self.firstNotFinite = firstNotFinite
    self.order = order
    self.tensors = tensors
    self.layers = layers
    self.routers = routers
    self.noTies = NearTies(
      batch: input.batch, length: input.length,
      metaCount: pass.architecture.metaTokens.prependedCount)
  }

  /// Where rounding decides which experts are chosen.
  /// - Parameter noise: What rounding does in this model; nil where that was not measured.
  func nearTies(_ noise: RoundingNoise? = nil) -> NearTies {
    var ties = noTies
    for (layer, routing) in routers {
      ties.add(
        routing.probabilities, perToken: routing.perToken,
        margin: NearTies.margin(noise: noise?.routers[layer]))
    }
    return ties
  }

  /// The experts that the routers choose for every row.
  var choices: [Int: ExpertSteering.Choices] { routers.mapValues(\.choices) }
}

extension ForwardRun.Routing {
  var choices: ExpertSteering.Choices {
    let experts = probabilities.dimensions.last ?? 1
    let rows = probabilities.values.count / max(1, experts)
    return Dictionary(
      uniqueKeysWithValues: (0..<rows).map { row in
        let values = probabilities.values[row * experts..<(row + 1) * experts]
        return (row, ExpertChoice(values, count: perToken).experts)
      })
  }
}
