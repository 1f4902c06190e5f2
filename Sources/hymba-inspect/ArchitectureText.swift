import HymbaModel
import HymbaTerminal

/// An architecture in words, equal layers in one paragraph.
struct ArchitectureText {
  let architecture: Architecture

  init(_ architecture: Architecture) { self.architecture = architecture }

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
    lines += reach + sharing
    switch architecture.output {
    case .lastHiddenState: lines.append("output           the last position's hidden state")
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
    let global = windows.indices.filter { windows[$0] == nil }
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
    return text.joined(separator: " ").wrapped(label: "shared keys".padded(17), width: 76)
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
    switch layer.mixer {
    case .parallel(let attention, let mamba, let fusion):
      let fused =
        switch fusion {
        case .gated: "joined by a gate"
        case .meanOfNorms: "joined as the mean of their norms"
        }
      lines.append(title.padded(16) + " attention and Mamba in parallel, \(fused)")
      lines.append("  attention".padded(17) + describe(attention))
      let clip = mamba.timeStepClip.map { ", time step in [\($0.lower), \($0.upper)]" } ?? ""
      lines.append(
        "  mamba".padded(17)
          + "inner \(mamba.innerSize), state \(mamba.stateSize), rank \(mamba.rank), conv \(mamba.convWidth)\(clip)"
      )
    }
    let kind =
      switch layer.feedForward {
      case .gelu: "GELU"
      case .swiGLU: "SwiGLU"
      case .reluSquared: "squared ReLU"
      }
    lines.append("  feed forward".padded(17) + "\(kind), \(layer.feedForward.intermediateSize)")
    return lines
  }

  private func describe(_ attention: Architecture.Attention) -> String {
    var text =
      attention.heads == attention.keyValueHeads
      ? "\(attention.heads) heads"
      : "\(attention.heads) heads on \(attention.keyValueHeads) key/value heads"
    text += " of \(attention.keyHeadSize)"
    if attention.valueHeadSize != attention.keyHeadSize {
      text += " (values \(attention.valueHeadSize))"
    }
    if attention.rotary != nil { text += ", rotary" }
    if attention.queryKeyNorm != nil { text += ", q/k norm" }
    return text
  }
}

extension Architecture.Layer {
  /// The layer as if it saw everything with keys and values of its own.
  fileprivate var withoutReach: Architecture.Layer {
    switch mixer {
    case .parallel(var attention, let mamba, let fusion):
      attention.window = nil
      attention.keyValueLayer = nil
      attention.biases.removeAll { $0 == .key || $0 == .value }
      return .init(
        mixer: .parallel(attention: attention, mamba: mamba, fusion: fusion),
        feedForward: feedForward)
    }
  }
}
