import HymbaFormat
import HymbaModel

extension Architecture.Activation {
  /// The activation functions of transformers (`ACT2FN`) by name, without those that have parameters.
  static let transformersNames: [String: Architecture.Activation] = [
    "silu": .silu, "swish": .silu, "gelu": .gelu, "gelu_python": .gelu,
    // All five names stand for the same approximation.
    "gelu_new": .geluTanh, "gelu_fast": .geluTanh, "gelu_accurate": .geluTanh,
    "gelu_pytorch_tanh": .geluTanh, "gelu_python_tanh": .geluTanh,
    "gelu_10": .clippedGELU, "quick_gelu": .quickGELU, "relu": .relu, "relu2": .reluSquared,
    "relu6": .relu6, "leaky_relu": .leakyReLU, "sigmoid": .sigmoid, "tanh": .tanh, "mish": .mish,
    "laplace": .laplace, "linear": .linear,
  ]

  /// The name of the function in a derived configuration; nil where transformers does not have it.
  var transformersName: String? {
    switch self {
    case .silu: "silu"
    case .gelu: "gelu"
    case .geluTanh: "gelu_pytorch_tanh"
    default: Self.transformersNames.first { $0.value == self }?.key
    }
  }

  /// The function that a value of a configuration names; nil where the value is absent or null.
  /// - Throws: ``ConversionError/option(_:found:expected:)`` for a value that names no such function.
  init?(transformers value: JSONValue?, option name: String) throws(ConversionError) {
    switch value {
    case nil, .null?: return nil
    case .string(let text)?:
      if let activation = Self.transformersNames[text] {
        self = activation
        return
      }
    default: break
    }
    let names = Self.transformersNames.keys.sorted().joined(separator: ", ")
    throw .option(
      name, found: value?.summary ?? "absent",
      expected: "a function of transformers without parameters of its own: \(names)")
  }
}
