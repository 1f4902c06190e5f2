extension Architecture {
  /// How a layer mixes positions.
  public enum Mixer: Hashable, Sendable, Codable {
    /// Attention and Mamba read the same normalised input; the fusion joins their outputs.
    case parallel(attention: Attention, mamba: StateSpace, fusion: Fusion)
    /// Attention alone, as some of Jamba's layers have it (arXiv 2403.19887, section 3).
    case attention(attention: Attention)
    /// Mamba alone.
    case mamba(mamba: StateSpace)
    /// The shared block, then Mamba: `x + mamba(norm(x + shared_proj(shared block)))`. Each layer has its own
    /// shared_proj (Zamba, arXiv 2405.16712, section 2).
    case sharedThenMamba(mamba: StateSpace)

    var usesSharedBlock: Bool { if case .sharedThenMamba = self { true } else { false } }

    var attention: Attention? {
      switch self {
      case .parallel(let attention, _, _), .attention(let attention): attention
      case .mamba, .sharedThenMamba: nil
      }
    }

    var stateSpace: StateSpace? {
      switch self {
      case .parallel(_, let mamba, _), .mamba(let mamba), .sharedThenMamba(let mamba): mamba
      case .attention: nil
      }
    }

    /// How the two branches are joined; nil where there is only one.
    package var fusion: Fusion? { if case .parallel(_, _, let fusion) = self { fusion } else { nil } }

    /// Whether each branch has its own projection to the hidden size.
    var projectsEachBranch: Bool { fusion?.projectsEachBranch ?? true }

    /// The branches in the order of the inventory, each with its parameter name below the layer's.
    var components: [(name: String, component: any Component)] {
      var components: [(name: String, component: any Component)] = []
      if let attention { components.append(("attention", attention)) }
      if let stateSpace { components.append(("mamba", stateSpace.component)) }
      return components
    }
  }

  public enum Fusion: String, Sendable, Codable {
    /// `gate * mamba + (1 - gate) * attention`, where gate is the sigmoid of a projection of the normalised
    /// input.
    case gated
    /// `out_proj((norm(attention) + norm(mamba)) / 2)`: each branch goes through its own RMS norm, and one
    /// projection follows their mean (arXiv 2411.13676, equation 3, as NVIDIA released it).
    case meanOfNorms
    /// `attention + mamba`, without a weight (Falcon-H1, arXiv 2507.22448, section 2).
    case sum

    /// Whether each branch has its own output projection, rather than one for both behind the fusion.
    var projectsEachBranch: Bool { self != .meanOfNorms }
  }
}
