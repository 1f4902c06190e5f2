import HymbaModel
import HymbaTerminal

/// An architecture in words, equal layers in one paragraph.
struct ArchitectureText {
  let architecture: Architecture
  private let width: Int

  /// - Parameter width: Columns of the longest line.
  init(_ architecture: Architecture, width: Int) {
    self.architecture = architecture
    self.width = width
  }

  var lines: [String] {
    var lines: [String] = []
    switch architecture.input {
    case .tokens(let size): lines.append("input            tokens of a vocabulary of \(size)")
    case .features(let size):
      let isProjected = size != architecture.hiddenSize
      lines.append(
        "input            vectors of \(size)\(isProjected ? ", projected to the hidden size" : "")")
    }
    lines.append("hidden size      \(architecture.hiddenSize)")
    let norm =
      switch architecture.norm.kind {
      case .layerNorm: "layer norm"
      case .rmsNorm: "RMS norm"
      }
    lines.append("norm             \(norm), epsilon \(architecture.norm.epsilon)")
    switch architecture.metaTokens {
    case .none: lines.append("meta tokens      none")
    case .keyValue(let count):
      lines.append("meta tokens      \(count) keys and values of each layer's own")
    case .prepended(let count):
      lines.append("meta tokens      \(count) in front of the sequence, through all layers")
    }
    for (layer, indices) in kinds { lines += describe(layer, indices) }
    if let block = architecture.sharedBlock {
      lines.append("shared block     reads the stream beside what it began with")
      lines.append("  attention".padded(17) + block.attention.summary)
      lines.append("  feed forward".padded(17) + block.feedForward.summary)
    }
    lines += reach + sharing
    switch architecture.output {
    case .lastHiddenState: lines.append("output           the last position's hidden state")
    case .hiddenStates: lines.append("output           hidden states, as there is no head")
    case .logits: lines.append("output           logits, by a head of its own")
    case .tiedLogits: lines.append("output           logits, by the embedding of the tokens")
    }
    return lines
  }

  /// Layers that are equal but for how far they see and whose keys they use, with their numbers.
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

  /// Which layers see everything and which a window, where some see a window.
  private var reach: [String] {
    let windows = architecture.layers.map { $0.attention?.window }
    guard windows.contains(where: { $0 != nil }) else { return [] }
    let global = windows.indices.filter {
      windows[$0] == nil && architecture.layers[$0].attention != nil
    }
    var lines = global.isEmpty ? [] : ["global".padded(17) + "layers \(Self.ranges(global))"]
    for window in Set(windows.compactMap { $0 }).sorted() {
      let layers = windows.indices.filter { windows[$0] == window }
      lines.append("window \(window)".padded(17) + "layers \(Self.ranges(layers))")
    }
    return lines
  }

  private var sharing: [String] {
    let groups = Dictionary(
      grouping: architecture.layers.indices.filter {
        architecture.layers[$0].attention?.keyValueLayer != nil
      }, by: { architecture.layers[$0].attention?.keyValueLayer ?? 0 })
    guard !groups.isEmpty else { return [] }
    let text = groups.sorted { $0.key < $1.key }.map { producer, consumers in
      "(\(([producer] + consumers).map(String.init).joined(separator: " ")))"
    }
    return text.joined(separator: " ").wrapped(label: "shared keys".padded(17), width: width)
  }

  /// `0 to 3, 7`.
  private static func ranges(_ numbers: [Int]) -> String {
    var runs: [ClosedRange<Int>] = []
    for number in numbers {
      if let last = runs.last, last.upperBound + 1 == number {
        runs[runs.count - 1] = last.lowerBound...number
      } else {
        runs.append(number...number)
      }
    }
    return runs.map { $0.count == 1 ? "\($0.lowerBound)" : "\($0.lowerBound) to \($0.upperBound)" }
      .joined(separator: ", ")
  }

  private func describe(_ layer: Architecture.Layer, _ indices: [Int]) -> [String] {
    let title = "\(indices.count == 1 ? "layer" : "layers") \(Self.ranges(indices))"
    var lines: [String] = []
    let mixer =
      switch layer.mixer {
      case .parallel(_, _, .gated): "attention and Mamba in parallel, joined by a gate"
      case .parallel(_, _, .meanOfNorms):
        "attention and Mamba in parallel, joined as the mean of their norms"
      case .attention: "attention"
      case .mamba: "Mamba"
      case .sharedThenMamba: "the shared block, projected, then Mamba"
      }
    if title.count <= 16 {
      lines.append(title.padded(16) + " " + mixer)
    } else {
      lines += title.dropFirst("layers ".count).description.wrapped(label: "layers ", width: width)
      lines.append("  mixer".padded(17) + mixer)
    }
    for (name, component) in layer.components {
      lines.append("  \(name == "ffn" ? "feed forward" : name)".padded(17) + component.summary)
    }
    return lines
  }
}

extension Architecture.Layer {
  /// The layer as if it saw everything with keys and values of its own.
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
    case .mamba, .sharedThenMamba: break
    }
    return layer
  }
}
