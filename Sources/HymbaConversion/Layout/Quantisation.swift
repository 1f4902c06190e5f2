import HymbaFormat

/// Quantised weights, by names together with element types: a float tensor is what it says, whatever it is called.
enum Quantisation {
  /// What kind of quantised weights a checkpoint has; nil for none.
  static func recognise(_ tensors: TensorTable) -> String? {
    let kind = tensors.lazy.compactMap { tensor in
      packed(tensor) ?? scaled(tensor, tensors)
    }.first
    return kind.map { "a checkpoint with \($0) weights: convert the original weights instead" }
  }

  /// Marks in names, and of what kind the weights are.
  private typealias Marks = [(mark: String, kind: String)]

  private static let packedMarks: Marks = [
    (".qweight", "GPTQ or AWQ quantised"), (".qzeros", "GPTQ or AWQ quantised"),
    (".g_idx", "GPTQ or AWQ quantised"), (".quant_state", "bitsandbytes quantised"),
    (".absmax", "bitsandbytes quantised"), (".SCB", "bitsandbytes quantised"),
    (".weight_packed", "quantised"), (".weight_scale", "quantised"), (".W_q", "quantised"),
  ]

  /// Integers that hold weights.
  private static func packed(_ tensor: TensorDescriptor) -> String? {
    guard tensor.type.isCoarse else { return nil }
    return packedMarks.first { tensor.name.utf8Contains($0.mark) }?.kind
  }

  /// How names of scales end, which are floats.
  private static let scaleMarks: Marks = [
    (".SCB", "bitsandbytes quantised"), (".absmax", "bitsandbytes quantised"),
    ("_scale", "quantised"), ("_scale_inv", "quantised"), ("scales", "quantised"),
    (".codebooks", "quantised"),
  ]

  /// Scales of integers, or of floats of a byte: those are called like the scales, or are the weight beside them.
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
  /// Integers and floats of a byte, which hold weights only where these are quantised.
  fileprivate var isCoarse: Bool {
    switch self {
    case .float64, .float32, .float16, .bfloat16, .bool: false
    default: true
    }
  }
}
