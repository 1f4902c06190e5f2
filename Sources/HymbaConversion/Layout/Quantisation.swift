import HymbaFormat

/// Recognises quantised weights by names together with element types. A floating-point tensor is an ordinary
/// weight, whatever its name is, unless it is the scale of a quantised one.
enum Quantisation {
  /// A phrase for a checkpoint with quantised weights, with advice; nil where it has none.
  static func recognise(_ tensors: TensorTable) -> String? {
    let kind = tensors.lazy.compactMap { tensor in
      packed(tensor) ?? scaled(tensor, tensors)
    }.first
    return kind.map { "a checkpoint with \($0) weights: convert the original weights instead" }
  }

  /// Marks in names, each with the kind of weights that it stands for.
  private typealias Marks = [(mark: String, kind: String)]

  private static let packedMarks: Marks = [
    (".qweight", "GPTQ or AWQ quantised"), (".qzeros", "GPTQ or AWQ quantised"),
    (".g_idx", "GPTQ or AWQ quantised"), (".quant_state", "bitsandbytes quantised"),
    (".absmax", "bitsandbytes quantised"), (".SCB", "bitsandbytes quantised"),
    (".weight_packed", "quantised"), (".weight_scale", "quantised"), (".W_q", "quantised"),
  ]

  /// The kind of a tensor of integers or one-byte floats with a packed mark in its name; nil for any other.
  private static func packed(_ tensor: TensorDescriptor) -> String? {
    guard tensor.type.isCoarse else { return nil }
    return packedMarks.first { tensor.name.utf8Contains($0.mark) }?.kind
  }

  /// The ends of the names of scales, which are floats.
  private static let scaleMarks: Marks = [
    (".SCB", "bitsandbytes quantised"), (".absmax", "bitsandbytes quantised"),
    ("_scale", "quantised"), ("_scale_inv", "quantised"), ("scales", "quantised"),
    (".codebooks", "quantised"),
  ]

  /// The kind of a scale of integers or one-byte floats; nil for any other tensor. The scaled tensor has the
  /// name of the scale without its end, or is the weight beside it.
  private static func scaled(_ tensor: TensorDescriptor, _ tensors: TensorTable) -> String? {
    scaleMarks.first { mark, _ in
      guard let stem = tensor.name.utf8Rest(before: mark) else { return false }
      return ["", ".weight", "weight", ".codes", "blocks"].contains {
        tensors[stem + $0]?.type.isCoarse == true
      }
    }?.kind
  }
}

extension ElementType {
  /// Whether it is a type of integers or one-byte floats. Such tensors hold weights only where they are
  /// quantised.
  fileprivate var isCoarse: Bool {
    switch self {
    case .float64, .float32, .float16, .bfloat16, .bool: false
    default: true
    }
  }
}
