extension Architecture {
  /// How a layer mixes positions.
  public enum Mixer: Hashable, Sendable, Codable {
    /// Attention and Mamba read the same normed input; the fusion joins their outputs.
    case parallel(attention: Attention, mamba: Mamba, fusion: Fusion)
    /// Attention alone, as some of Jamba's layers have it (arXiv 2403.19887, section 3).
    case attention(attention: Attention)
    /// Mamba alone.
    case mamba(mamba: Mamba)
    /// `x + mamba(norm(x + shared_proj(shared block)))`, the projection each layer's own
    /// (Zamba, arXiv 2405.16712, section 2).
    case sharedThenMamba(mamba: Mamba)

    var usesSharedBlock: Bool { if case .sharedThenMamba = self { true } else { false } }

    var attention: Attention? {
      switch self {
      case .parallel(let attention, _, _), .attention(let attention): attention
      case .mamba, .sharedThenMamba: nil
      }
    }

    var mamba: Mamba? {
      switch self {
      case .parallel(_, let mamba, _), .mamba(let mamba), .sharedThenMamba(let mamba): mamba
      case .attention: nil
      }
    }

    /// What joins the two branches, where there are two.
    var fusion: Fusion? { if case .parallel(_, _, let fusion) = self { fusion } else { nil } }

    /// Whether each branch projects its result to the hidden size by itself.
    var projectsEachBranch: Bool { fusion?.projectsEachBranch ?? true }

    /// Its branches in the order of the inventory, each with its name under the layer's.
    var components: [(name: String, component: any Component)] {
      var components: [(name: String, component: any Component)] = []
      if let attention { components.append(("attention", attention)) }
      if let mamba { components.append(("mamba", mamba)) }
      return components
    }
  }

  public enum Fusion: String, Sendable, Codable {
    /// `gate * mamba + (1 - gate) * attention`, gate = sigmoid of a projection of the normed input.
    case gated
    /// `out_proj((norm(attention) + norm(mamba)) / 2)`: each branch through an RMS norm of its own, then one
    /// projection of their mean (arXiv 2411.13676, equation 3, as NVIDIA released it).
    case meanOfNorms

    /// Whether each branch has an output projection of its own, rather than one behind the fusion for both.
    var projectsEachBranch: Bool { self == .gated }
  }
}
