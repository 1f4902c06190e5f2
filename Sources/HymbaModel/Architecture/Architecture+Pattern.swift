extension Architecture {
  /// The layers in order, one character each: see `LayerSymbol`. A capital letter marks a layer with
  /// experts.
  public var pattern: String {
    String(
      layers.map { layer in
        let symbol = LayerSymbol(layer).rawValue
        return layer.feedForward.expertCount > 0 ? Character(symbol.uppercased()) : symbol
      })
  }
}

/// How a layer mixes positions, as one small letter.
package enum LayerSymbol: Character, Sendable, CaseIterable {
  case mamba = "m"
  case attention = "a"
  case windowedAttention = "l"
  case parallel = "p"
  case windowedParallel = "w"
  case sharedThenMamba = "s"
  case mamba2 = "d"
  case parallelMamba2 = "q"
  case windowedParallelMamba2 = "v"
  case sharedThenMamba2 = "t"
  case feedForward = "f"

  package init(_ layer: Architecture.Layer) {
    let hasWindow = layer.attention?.window != nil
    switch layer.mixer {
    case .mamba(let mamba): self = mamba.mamba2 == nil ? .mamba : .mamba2
    case .attention: self = hasWindow ? .windowedAttention : .attention
    case .parallel(_, let mamba, _):
      self =
        switch (mamba, hasWindow) {
        case (.mamba, false): .parallel
        case (.mamba, true): .windowedParallel
        case (.mamba2, false): .parallelMamba2
        case (.mamba2, true): .windowedParallelMamba2
        }
    case .sharedThenMamba(let mamba):
      self = mamba.mamba2 == nil ? .sharedThenMamba : .sharedThenMamba2
    case nil: self = .feedForward
    }
  }

  /// The meaning of the symbol, for people.
  package var title: String {
    switch self {
    case .mamba: "Mamba"
    case .attention: "attention"
    case .windowedAttention: "attention in a window"
    case .parallel: "attention and Mamba in parallel"
    case .windowedParallel: "the two in parallel, attention in a window"
    case .sharedThenMamba: "the shared block, then Mamba"
    case .mamba2: "Mamba-2"
    case .parallelMamba2: "attention and Mamba-2 in parallel"
    case .windowedParallelMamba2: "attention in a window and Mamba-2 in parallel"
    case .sharedThenMamba2: "a shared block, then Mamba-2"
    case .feedForward: "a feed forward alone"
    }
  }
}
