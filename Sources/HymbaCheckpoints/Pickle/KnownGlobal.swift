import HymbaFormat

/// The Python classes and functions that a state dict needs.
///
/// None of them is called: ``PickleMachine`` knows what each makes of its arguments. Any other class or
/// function is kept as a name, and its result as an object in which no weights are looked for.
enum KnownGlobal: Hashable {
  /// `collections.OrderedDict`, `Counter` and `dict`, made of nothing, of pairs, or of another dictionary.
  case dictionary
  /// `collections.defaultdict`, whose argument is a class.
  case defaultDictionary
  /// `torch._utils._rebuild_tensor`, `_v2` and `_v3`.
  case rebuildTensor(version: Int)
  /// `torch.nn.parameter.Parameter`, and the functions that make a parameter of a tensor.
  case parameter
  /// `torch._tensor._rebuild_from_type_v2`, for tensors with attributes or of a subclass.
  case rebuildFromType
  /// `torch.Tensor`.
  case tensorClass
  /// `torch.FloatStorage` and its like.
  case storage(ElementType)
  /// `torch.storage.UntypedStorage`.
  case untypedStorage
  /// `torch.float32` and its like.
  case elementType(ElementType)
  /// `torch.Size`, a tuple.
  case size
  /// Plain data of Python and PyTorch that configurations hold: sets, bytes, devices.
  case data

  /// Nil for a class or function that is not known.
  init?(module: String, name: String) {
    switch (module, name) {
    case ("collections", "OrderedDict"), ("collections", "Counter"), ("builtins", "dict"),
      ("__builtin__", "dict"):
      self = .dictionary
    case ("collections", "defaultdict"): self = .defaultDictionary
    case ("torch._utils", "_rebuild_tensor"): self = .rebuildTensor(version: 1)
    case ("torch._utils", "_rebuild_tensor_v2"): self = .rebuildTensor(version: 2)
    case ("torch._utils", "_rebuild_tensor_v3"): self = .rebuildTensor(version: 3)
    case ("torch._utils", "_rebuild_parameter"), ("torch._utils", "_rebuild_parameter_with_state"),
      ("torch.nn.parameter", "Parameter"), ("torch.nn.parameter", "Buffer"),
      ("torch.autograd.variable", "Variable"):
      self = .parameter
    case ("torch._tensor", "_rebuild_from_type_v2"), ("torch._tensor", "_rebuild_from_type"):
      self = .rebuildFromType
    case ("torch", "Tensor"): self = .tensorClass
    case ("torch.storage", "UntypedStorage"), ("torch.storage", "_UntypedStorage"),
      ("torch", "UntypedStorage"):
      self = .untypedStorage
    case ("torch", "Size"): self = .size
    case ("builtins", _) where Self.builtIns.contains(name),
      ("__builtin__", _) where Self.builtIns.contains(name), ("_codecs", "encode"),
      ("collections", "deque"), ("torch", "device"), ("torch.serialization", "_get_layout"),
      ("torch.torch_version", "TorchVersion"):
      self = .data
    case ("torch", _):
      if case .known(let type)? = TorchType(storage: name) {
        self = .storage(type)
      } else if case .known(let type) = TorchType(dtype: name) {
        self = .elementType(type)
      } else {
        return nil
      }
    default: return nil
    }
  }

  private static let builtIns: Set<String> = [
    "set", "frozenset", "bytearray", "bytes", "complex", "list", "tuple", "int", "float", "str",
    "unicode", "bool", "slice", "range", "xrange", "object",
  ]

  /// Whether an unknown function makes a tensor, judged by its name.
  static func makesTensor(_ name: String) -> Bool { name.hasPrefix("torch._utils._rebuild_") }

  /// What kind of tensor an unknown class or function would make, and what to do about it.
  static func wayOut(ofTensorFrom name: String) -> String {
    switch name {
    case "torch._utils._rebuild_qtensor": "a quantised tensor; dequantise it before saving"
    case "torch._utils._rebuild_sparse_tensor", "torch._utils._rebuild_sparse_csr_tensor":
      "a sparse tensor; call to_dense() before saving"
    case "torch._utils._rebuild_meta_tensor_no_storage": "a tensor without data"
    default: "a tensor of a class of its own; save plain tensors"
    }
  }
}
