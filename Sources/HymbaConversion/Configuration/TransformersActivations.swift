import HymbaFormat
import HymbaModel

extension Architecture.Activation {
  /// The names of transformers' functions (`ACT2FN`): all but those with parameters of their own.
  static let transformersNames: [String: Architecture.Activation] = [
    "silu": .silu, "swish": .silu, "gelu": .gelu, "gelu_python": .gelu,
    // Four ways to write one approximation.
    "gelu_new": .geluTanh, "gelu_fast": .geluTanh, "gelu_accurate": .geluTanh,
    "gelu_pytorch_tanh": .geluTanh, "gelu_python_tanh": .geluTanh,
    "gelu_10": .clippedGELU, "quick_gelu": .quickGELU, "relu": .relu, "relu2": .reluSquared,
    "relu6": .relu6, "leaky_relu": .leakyReLU, "sigmoid": .sigmoid, "tanh": .tanh, "mish": .mish,
    "laplace": .laplace, "linear": .linear,
  ]

  /// The name that a derived configuration gives it; nil for what transformers does not have.
  var transformersName: String? {
    switch self {
    case .silu: "silu"
    case .gelu: "gelu"
    case .geluTanh: "gelu_pytorch_tanh"
    default: Self.transformersNames.first { $0.value == self }?.key
    }
  }
}

extension ConfigurationValues {
  /// A function by transformers' name.
  func activation(
    _ name: String, _ absent: Architecture.Activation
  ) throws(ConversionError) -> Architecture.Activation {
    switch self[name] {
    case nil, .null?: return absent
    case .string(let text)?:
      if let activation = Architecture.Activation.transformersNames[text] { return activation }
    default: break
    }
    let names = Architecture.Activation.transformersNames.keys.sorted().joined(separator: ", ")
    throw .option(
      name, found: self[name]?.summary ?? "absent",
      expected: "a function of transformers without parameters of its own: \(names)")
  }
}
