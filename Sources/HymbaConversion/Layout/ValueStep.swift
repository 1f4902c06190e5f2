import HymbaFormat
import HymbaModel

/// A step of a rule that changes the numbers of a tensor. It says what the checkpoint holds in place of the
/// parameter: an import undoes it, and an export does it.
///
/// The numbers are computed in F32, as llama.cpp's converter does, so the result is F32.
public enum ValueStep: Hashable, Sendable {
  /// The checkpoint holds `-exp(parameter)`: the decay `A` of a Mamba in place of `A_log`. The logarithm rounds,
  /// so an import keeps what the checkpoint holds beside the parameter.
  case negateExp
  /// The checkpoint holds the parameter multiplied by these factors of the architecture, one after the other.
  /// The division rounds. Where all factors are 1, the step is none.
  case scale(by: [String])
  /// The checkpoint holds the parameter with each part of its rows multiplied by the factor of that part.
  case scaleRows(sizes: [SizeExpression], by: [String])

  /// The factors that the step needs.
  var factors: [String] {
    switch self {
    case .negateExp: []
    case .scale(let names), .scaleRows(_, let names): names
    }
  }

  /// All sizes that the step needs.
  var sizes: [SizeExpression] { if case .scaleRows(let sizes, _) = self { sizes } else { [] } }

  /// Checks what can be checked without a model.
  ///
  /// - Parameter inLayer: Whether the rule belongs to a layer.
  /// - Throws: ``ConversionError/layoutInvalid(_:)`` for a factor that no architecture has, and for parts that
  ///   have not one factor each.
  func validate(inLayer: Bool) throws(ConversionError) {
    for name in factors where !Architecture.modelFactorNames.contains(name) {
      guard Architecture.layerFactorNames.contains(name) else {
        throw .layoutInvalid("it has the factor “\(name.printable)”, which no architecture has")
      }
      guard inLayer else {
        throw .layoutInvalid("it has the factor “\(name)”, which only a layer has, but no {layer}")
      }
    }
    switch self {
    case .negateExp: break
    case .scale(let names):
      guard !names.isEmpty else { throw .layoutInvalid("its scale has no factor") }
    case .scaleRows(let sizes, let names):
      guard !sizes.isEmpty, sizes.count == names.count else {
        throw .layoutInvalid(
          "its scale-rows has \(names.count) factors for \(sizes.count) parts of the rows")
      }
    }
  }
}
