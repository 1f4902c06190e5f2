import HymbaModel

/// What the numbers of a parameter may look like in a model that was just made.
enum ParameterRole {
  /// Ones in a fresh model. Zeros would cut the stream.
  case norm
  /// Zeros in a fresh model.
  case bias
  /// A Mamba's skip, ones in a fresh model; and logarithms of its decay, which are 0 for its first state.
  case stateSpace
  /// Learned tokens, which some begin with zeros.
  case metaTokens
  /// Random in a fresh model: projections, embeddings, convolutions.
  case weight

  init(_ parameter: Parameter) {
    let name = parameter.name
    self =
      if name.hasSuffix("norm.weight") {
        .norm
      } else if name.hasSuffix(".bias") {
        .bias
      } else if name.hasSuffix(".A_log") || name.hasSuffix(".D") {
        .stateSpace
      } else if parameter.part == .metaTokens {
        .metaTokens
      } else {
        .weight
      }
  }

  /// Whether zeros in most of it are a failure.
  var mustNotVanish: Bool { self == .norm || self == .weight }

  /// Whether zeros in all of it are nothing to speak of.
  var mayVanish: Bool { self == .bias }

  /// Whether equal values, other than zero, are nothing to speak of.
  var mayBeConstant: Bool {
    switch self {
    case .norm, .bias, .stateSpace: true
    case .metaTokens, .weight: false
    }
  }
}
