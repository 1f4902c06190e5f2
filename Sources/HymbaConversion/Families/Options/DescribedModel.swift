import HymbaFormat
import HymbaModel

/// A model that a configuration is made of.
struct DescribedModel: Sendable {
  let architecture: Architecture
  /// The element type of the tensors; nil where it is not known.
  let type: ElementType?

  /// The state space branch of the first layer that has one; nil where no layer has one.
  var stateSpace: Architecture.StateSpace? { architecture.layers.lazy.compactMap(\.stateSpace).first }
  /// The Mamba of the first layer that has one; nil where no layer has one.
  var mamba: Architecture.Mamba? { architecture.layers.lazy.compactMap(\.mamba).first }
  /// The Mamba-2 of the first layer that has one; nil where no layer has one.
  var mamba2: Architecture.Mamba2? { architecture.layers.lazy.compactMap(\.mamba2).first }
  /// The feed forward of the first layer in which it is one network; nil where no layer has such.
  var network: Architecture.Network? { architecture.layers.lazy.compactMap(\.feedForward.network).first }
  /// The experts of the first layer that has some; nil where no layer has any.
  var mixture: Architecture.Mixture? { architecture.layers.lazy.compactMap(\.feedForward.mixture).first }
  /// The attention of the first layer that has its own, outside of a shared block; nil where no layer has its
  /// own.
  var attention: Architecture.Attention? { architecture.layers.lazy.compactMap(\.attention).first }
  /// The attention of the shared block; nil where no layer uses such a block.
  var sharedAttention: Architecture.Attention? { architecture.sharedBlock?.attention }
}
