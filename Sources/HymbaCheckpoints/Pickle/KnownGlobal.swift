import HymbaFormat

/// The only classes and functions that a pickle may name. None of them is called: the machine knows what
/// each makes of its arguments.
enum KnownGlobal: Equatable {
  /// `collections.OrderedDict`
  case orderedDictionary
  /// `torch._utils._rebuild_tensor`, `_v2` and `_v3`
  case rebuildTensor(version: Int)
  /// `torch._utils._rebuild_parameter` and `_rebuild_parameter_with_state`
  case rebuildParameter
  /// `torch.FloatStorage` and its like
  case storage(ElementType)
  /// `torch.storage.UntypedStorage`
  case untypedStorage
  /// `torch.float32` and its like
  case elementType(ElementType)
  /// `torch.Size`, a tuple
  case size
  /// `torch.device`, which configurations hold
  case device

  init?(module: String, name: String) {
    switch (module, name) {
    case ("collections", "OrderedDict"): self = .orderedDictionary
    case ("torch._utils", "_rebuild_tensor"): self = .rebuildTensor(version: 1)
    case ("torch._utils", "_rebuild_tensor_v2"): self = .rebuildTensor(version: 2)
    case ("torch._utils", "_rebuild_tensor_v3"): self = .rebuildTensor(version: 3)
    case ("torch._utils", "_rebuild_parameter"), ("torch._utils", "_rebuild_parameter_with_state"):
      self = .rebuildParameter
    case ("torch.storage", "UntypedStorage"), ("torch.storage", "_UntypedStorage"),
      ("torch", "UntypedStorage"):
      self = .untypedStorage
    case ("torch", "Size"): self = .size
    case ("torch", "device"): self = .device
    case ("torch", _):
      if let type = Self.storages[name] {
        self = .storage(type)
      } else if let type = Self.elementTypes[name] {
        self = .elementType(type)
      } else {
        return nil
      }
    default: return nil
    }
  }

  private static let storages: [String: ElementType] = [
    "DoubleStorage": .float64, "FloatStorage": .float32, "HalfStorage": .float16,
    "BFloat16Storage": .bfloat16, "LongStorage": .int64, "IntStorage": .int32,
    "ShortStorage": .int16, "CharStorage": .int8, "ByteStorage": .uint8, "BoolStorage": .bool,
  ]

  private static let elementTypes: [String: ElementType] = [
    "float64": .float64, "float32": .float32, "float16": .float16, "bfloat16": .bfloat16,
    "float8_e4m3fn": .float8E4M3, "float8_e5m2": .float8E5M2, "int64": .int64, "int32": .int32,
    "int16": .int16, "int8": .int8, "uint64": .uint64, "uint32": .uint32, "uint16": .uint16,
    "uint8": .uint8, "bool": .bool,
  ]

  /// What a refused global is for, where that helps.
  static func purpose(ofRefused name: String) -> String? {
    switch name {
    case "torch._utils._rebuild_qtensor": "a quantised tensor; dequantise it before saving"
    case "torch._utils._rebuild_sparse_tensor", "torch._utils._rebuild_sparse_csr_tensor":
      "a sparse tensor; call to_dense() before saving"
    case "torch._utils._rebuild_meta_tensor_no_storage": "a tensor without data"
    case "torch._tensor._rebuild_from_type_v2":
      "a tensor of a class of its own; save plain tensors"
    case "torch._utils._rebuild_wrapper_subclass":
      "a tensor of a class of its own; save plain tensors"
    case "torch.ComplexFloatStorage", "torch.ComplexDoubleStorage", "torch.ComplexHalfStorage":
      "complex numbers, which no container stores; save real and imaginary parts"
    default: nil
    }
  }
}
