import HymbaFormat
import HymbaModel

/// An architecture in words. Equal layers share one paragraph.
struct ArchitectureText {
  let architecture: Architecture

  init(_ architecture: Architecture) { self.architecture = architecture }

  var texts: LabelledTexts {
    var texts = LabelledTexts()
    switch architecture.input {
    case .tokens(let size): texts.add("input", "tokens of a vocabulary of \(size)")
    case .features(let size):
      let isProjected = size != architecture.hiddenSize
      texts.add(
        "input", "vectors of \(size)\(isProjected ? ", projected to the hidden size" : "")")
    }
    texts.add("hidden size", "\(architecture.hiddenSize)")
    let norm =
      switch architecture.norm.kind {
      case .layerNorm: "layer norm"
      case .rmsNorm: "RMS norm"
      }
    texts.add("norm", "\(norm), epsilon \(architecture.norm.epsilon)")
    switch architecture.metaTokens {
    case .none: texts.add("meta tokens", "none")
    case .keyValue(let count):
      texts.add("meta tokens", "\(count) keys and values of each layer's own")
    case .prepended(let count):
      texts.add("meta tokens", "\(count) in front of the sequence, through all layers")
    }
    for (layer, indices) in kinds { describe(layer, indices, in: &texts) }
    if let block = architecture.sharedBlock { describe(block, in: &texts) }
    if let text = MultiplierText.of(architecture.multipliers) { texts.add("multipliers", text) }
    describeReach(in: &texts)
    describeSharing(in: &texts)
    switch architecture.output {
    case .lastHiddenState: texts.add("output", "the last position's hidden state")
    case .hiddenStates: texts.add("output", "hidden states, as there is no head")
    case .logits: texts.add("output", "logits, by a head of its own")
    case .tiedLogits: texts.add("output", "logits, by the embedding of the tokens")
    }
    return texts
  }

  private func describe(_ block: Architecture.SharedBlock, in texts: inout LabelledTexts) {
    let count = block.count ?? 1
    let turns = count > 1 ? "\(count) in turn, each reads" : "reads"
    let adapters = block.adapters.map { adapters in
      let place = adapters.attention ? "attention and feed forward" : "feed forward"
      return "; each use has adapters of rank \(adapters.rank) in \(place)"
    }
    texts.add(
      count > 1 ? "shared blocks" : "shared block",
      "\(turns) the stream beside what it began with\(adapters ?? "")")
    texts.add("  attention", block.attention.summary)
    texts.add("  feed forward", block.feedForward.summary)
    if let text = MultiplierText.of(block) { texts.add("  multipliers", text) }
  }

  /// The kinds of layers, with the numbers of their layers. The layers of a kind may differ in their window and
  /// in whose keys and values they use.
  private var kinds: [(Architecture.Layer, [Int])] {
    var kinds: [(Architecture.Layer, [Int])] = []
    for (index, layer) in architecture.layers.enumerated() {
      let kind = layer.withoutReach
      if let known = kinds.firstIndex(where: { $0.0 == kind }) {
        kinds[known].1.append(index)
      } else {
        kinds.append((kind, [index]))
      }
    }
    return kinds
  }

  /// Tells which layers see all positions and which see a window, where some see a window.
  private func describeReach(in texts: inout LabelledTexts) {
    let windows = architecture.layers.map { $0.attention?.window }
    guard windows.contains(where: { $0 != nil }) else { return }
    let global = windows.indices.filter {
      windows[$0] == nil && architecture.layers[$0].attention != nil
    }
    if !global.isEmpty { texts.add("global", "layers \(NumberRanges(global).words)") }
    for window in Set(windows.compactMap { $0 }).sorted() {
      let layers = windows.indices.filter { windows[$0] == window }
      texts.add("window \(window)", "layers \(NumberRanges(layers).words)")
    }
  }

  private func describeSharing(in texts: inout LabelledTexts) {
    let groups = Dictionary(
      grouping: architecture.layers.indices.filter {
        architecture.layers[$0].attention?.keyValueLayer != nil
      }, by: { architecture.layers[$0].attention?.keyValueLayer ?? 0 })
    guard !groups.isEmpty else { return }
    let text = groups.sorted { $0.key < $1.key }.map { producer, consumers in
      "(\(([producer] + consumers).map(String.init).joined(separator: " ")))"
    }
    texts.add("shared keys", text.joined(separator: " "))
  }

  private func describe(
    _ layer: Architecture.Layer, _ indices: [Int], in texts: inout LabelledTexts
  ) {
    let noun = indices.count == 1 ? "layer" : "layers"
    let title = "\(noun) \(NumberRanges(indices).words)"
    let mixer =
      switch layer.mixer {
      case .parallel(_, let mamba, let fusion):
        "attention and \(mamba.title) in parallel, \(fusion.summary)"
      case .attention: "attention"
      case .mamba(let mamba): mamba.title
      case .sharedThenMamba(let mamba): "\(sharedBlock), projected, then \(mamba.title)"
      case nil: "a feed forward alone"
      }
    if title.count <= Self.longestTitle {
      texts.add(title, mixer)
    } else {
      texts.add(noun, NumberRanges(indices).words)
      texts.add("  mixer", mixer)
    }
    for (name, component) in layer.components {
      texts.add("  \(name == "ffn" ? "feed forward" : name)", component.summary)
    }
    if let mixture = layer.feedForward.mixture { texts.add("  router", mixture.router.summary) }
    if let text = MultiplierText.of(layer) { texts.add("  multipliers", text) }
  }

  private var sharedBlock: String {
    architecture.sharedBlock?.count ?? 1 > 1 ? "a shared block" : "the shared block"
  }

  /// The longest title with the numbers of layers, in characters, that fits into a label.
  private static let longestTitle = 16
}

extension Architecture.Fusion {
  fileprivate var summary: String {
    switch self {
    case .gated: "joined by a gate"
    case .meanOfNorms: "joined as the mean of their norms"
    case .sum: "added"
    }
  }
}

extension Architecture.Layer {
  /// The layer without its window, and with keys and values of its own.
  fileprivate var withoutReach: Architecture.Layer {
    func reaching(_ attention: Architecture.Attention) -> Architecture.Attention {
      var attention = attention
      attention.window = nil
      attention.keyValueLayer = nil
      attention.biases.removeAll { $0 == .key || $0 == .value }
      return attention
    }
    var layer = self
    switch mixer {
    case .parallel(let attention, let mamba, let fusion):
      layer.mixer = .parallel(attention: reaching(attention), mamba: mamba, fusion: fusion)
    case .attention(let attention): layer.mixer = .attention(attention: reaching(attention))
    case .mamba, .sharedThenMamba, nil: break
    }
    return layer
  }
}
