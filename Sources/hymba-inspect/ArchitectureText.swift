import HymbaModel
import HymbaTerminal

/// An architecture in words, equal layers in one paragraph.
struct ArchitectureText {
  let architecture: Architecture

  init(_ architecture: Architecture) { self.architecture = architecture }

  var lines: [String] {
    var lines: [String] = []
    switch architecture.input {
    case .features(let size):
      let isProjected = size != architecture.hiddenSize
      lines.append(
        "input            vectors of \(size)\(isProjected ? ", projected to the hidden size" : "")")
    }
    lines.append("hidden size      \(architecture.hiddenSize)")
    switch architecture.norm.kind {
    case .layerNorm:
      lines.append("norm             layer norm, epsilon \(architecture.norm.epsilon)")
    }
    switch architecture.metaTokens {
    case .none: lines.append("meta tokens      none")
    case .keyValue(let count):
      lines.append("meta tokens      \(count) keys and values of each layer's own")
    case .prepended(let count):
      lines.append("meta tokens      \(count) in front of the sequence, through all layers")
    }
    for run in runs { lines += describe(run) }
    switch architecture.output {
    case .lastHiddenState: lines.append("output           the last position's hidden state")
    }
    return lines
  }

  /// Ranges of consecutive layers that are equal.
  private var runs: [Range<Int>] {
    var runs: [Range<Int>] = []
    for index in architecture.layers.indices {
      if let last = runs.last, architecture.layers[last.lowerBound] == architecture.layers[index] {
        runs[runs.count - 1] = last.lowerBound..<index + 1
      } else {
        runs.append(index..<index + 1)
      }
    }
    return runs
  }

  private func describe(_ run: Range<Int>) -> [String] {
    let layer = architecture.layers[run.lowerBound]
    let title =
      run.count == 1
      ? "layer \(run.lowerBound)" : "layers \(run.lowerBound) to \(run.upperBound - 1)"
    var lines: [String] = []
    switch layer.mixer {
    case .parallel(let attention, let mamba, let fusion):
      let fused =
        switch fusion {
        case .gated: "joined by a gate"
        }
      lines.append("\(title)".padded(17) + "attention and Mamba in parallel, \(fused)")
      let heads =
        attention.heads == attention.keyValueHeads
        ? "\(attention.heads) heads"
        : "\(attention.heads) heads on \(attention.keyValueHeads) key/value heads"
      lines.append("  attention".padded(17) + "\(heads) of \(attention.keyHeadSize)")
      let clip = mamba.timeStepClip.map { ", time step in [\($0.lower), \($0.upper)]" } ?? ""
      lines.append(
        "  mamba".padded(17)
          + "inner \(mamba.innerSize), state \(mamba.stateSize), rank \(mamba.rank), conv \(mamba.convWidth)\(clip)"
      )
    }
    switch layer.feedForward {
    case .gelu(let size): lines.append("  feed forward".padded(17) + "GELU, \(size)")
    }
    return lines
  }
}
