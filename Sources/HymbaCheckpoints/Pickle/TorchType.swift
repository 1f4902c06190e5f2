import HymbaFormat

/// The type of a tensor's elements as PyTorch names it.
enum TorchType: Hashable {
  case known(ElementType)
  /// One that no container stores, by PyTorch's name: `complex128`, `qint8`.
  case other(String)

  /// - Parameter name: That of a dtype, without `torch.`.
  init(dtype name: String) {
    if let type = Self.dtypes[name].flatMap(ElementType.init) {
      self = .known(type)
    } else {
      self = .other(name)
    }
  }

  /// Nil for what is no storage's name.
  /// - Parameter name: That of a class of `torch`: `FloatStorage`.
  init?(storage name: String) {
    guard let dtype = Self.storages[name] else { return nil }
    self.init(dtype: dtype)
  }

  /// For messages.
  var name: String {
    switch self {
    case .known(let type): type.rawValue
    case .other(let name): name
    }
  }

  /// Bytes of an element in a storage; nil for a type that nobody knows.
  var elementBytes: Int? {
    switch self {
    case .known(let type): type.byteSize
    case .other(let name): Self.otherBytes[name]
    }
  }

  private static let otherBytes = [
    "complex128": 16, "complex64": 8, "qint8": 1, "quint8": 1, "qint32": 4, "quint4x2": 1,
    "quint2x4": 1,
  ]

  /// Under safetensors' names.
  private static let dtypes: [String: String] = [
    "float64": "F64", "float32": "F32", "float16": "F16", "bfloat16": "BF16",
    "float8_e4m3fn": "F8_E4M3", "float8_e5m2": "F8_E5M2", "float8_e8m0fnu": "F8_E8M0",
    "complex64": "C64", "int64": "I64", "int32": "I32", "int16": "I16", "int8": "I8",
    "uint64": "U64", "uint32": "U32", "uint16": "U16", "uint8": "U8", "bool": "BOOL",
  ]

  private static let storages: [String: String] = [
    "DoubleStorage": "float64", "FloatStorage": "float32", "HalfStorage": "float16",
    "BFloat16Storage": "bfloat16", "LongStorage": "int64", "IntStorage": "int32",
    "ShortStorage": "int16", "CharStorage": "int8", "ByteStorage": "uint8", "BoolStorage": "bool",
    "ComplexDoubleStorage": "complex128", "ComplexFloatStorage": "complex64",
    "QInt8Storage": "qint8", "QInt32Storage": "qint32", "QUInt8Storage": "quint8",
    "QUInt4x2Storage": "quint4x2", "QUInt2x4Storage": "quint2x4",
  ]
}
