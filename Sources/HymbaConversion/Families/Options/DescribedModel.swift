import HymbaFormat
import HymbaModel

/// A model of which a configuration is made.
struct DescribedModel: Sendable {
  let architecture: Architecture
  /// The type of the tensors, where they are there.
  let type: ElementType?

  /// The first Mamba; nil without any.
  var mamba: Architecture.Mamba? { architecture.layers.lazy.compactMap(\.mamba).first }
  /// The attention of the first layer that has its own; nil without any.
  var attention: Architecture.Attention? { architecture.layers.lazy.compactMap(\.attention).first }
}
