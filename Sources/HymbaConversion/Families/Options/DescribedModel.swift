import HymbaFormat
import HymbaModel

/// A model that a configuration is made of.
struct DescribedModel: Sendable {
  let architecture: Architecture
  /// The element type of the tensors; nil where it is not known.
  let type: ElementType?

  /// The Mamba of the first layer that has one; nil where no layer has one.
  var mamba: Architecture.Mamba? { architecture.layers.lazy.compactMap(\.mamba).first }
  /// The attention of the first layer that has its own, outside of a shared block; nil where no layer has its
  /// own.
  var attention: Architecture.Attention? { architecture.layers.lazy.compactMap(\.attention).first }
}
