package import HymbaModel

/// The role of a parameter, which decides what its numbers may look like in a fresh model.
package enum ParameterRole: Sendable {
  /// Ones in a fresh model. Zeros would cut the residual stream.
  case norm
  /// Zeros or other equal numbers in a fresh model: biases of projections, of time steps, of routers.
  case bias
  /// A Mamba's D, which is ones in a fresh model; or A_log, the logarithms of the decay rates, which are 0 for
  /// the first state.
  case stateSpace
  /// Learned tokens. Some models initialise them with zeros.
  case metaTokens
  /// Random in a fresh model: projections, embeddings, convolutions.
  case weight

  package init(_ parameter: Parameter) {
    let name = parameter.name
    self =
      if name.hasSuffix("norm.weight") {
        .norm
      } else if name.hasSuffix(".bias") || name.hasSuffix(".dt_bias") {
        .bias
      } else if name.hasSuffix(".A_log") || name.hasSuffix(".D") {
        .stateSpace
      } else if parameter.part == .metaTokens {
        .metaTokens
      } else {
        .weight
      }
  }

  /// Whether it is a failure if most of the parameter is zero in whole rows or columns.
  package var mustNotVanish: Bool { self == .norm || self == .weight }

  /// Whether a parameter of zeros is normal.
  package var mayVanish: Bool { self == .bias }

  /// Whether equal values, other than zero, are normal.
  package var mayBeConstant: Bool {
    switch self {
    case .norm, .bias, .stateSpace: true
    case .metaTokens, .weight: false
    }
  }
}
