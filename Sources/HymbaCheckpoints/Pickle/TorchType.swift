import HymbaFormat

/// The element type of a tensor, as PyTorch names it.
enum TorchType: Hashable {
  case known(ElementType)
  /// A type that no container stores, by PyTorch's name, such as `complex128` or `qint8`.
  case other(String)

  /// - Parameter name: The name of a dtype without `torch.`, such as `float32`.
  init(dtype name: String) {
    if let type = Self.dtypes[name] {
      self = .known(type)
    } else {
      self = .other(name)
    }
  }

  /// Nil when `name` is not the name of a storage class.
  /// - Parameter name: The name of a class in `torch`, such as `FloatStorage`.
  init?(storage name: String) {
    guard let dtype = Self.storages[name] else { return nil }
    self.init(dtype: dtype)
  }

  /// The name of the type, for messages.
  var name: String {
    switch self {
    case .known(let type): type.rawValue
    case .other(let name): name
    }
  }

  /// Bytes per element in a storage; nil for a type that is not known.
  var elementBytes: Int? {
    switch self {
    case .known(let type): type.byteSize
    case .other(let name): Self.otherBytes[name]
    }
  }

  private static let otherBytes = [
    "complex128": 16, "qint8": 1, "quint8": 1, "qint32": 4, "quint4x2": 1,
    "quint2x4": 1,
  ]

  private static let dtypes: [String: ElementType] = [
    "float64": .float64, "float32": .float32, "float16": .float16, "bfloat16": .bfloat16,
    "float8_e4m3fn": .float8E4M3, "float8_e5m2": .float8E5M2, "float8_e8m0fnu": .float8E8M0,
    "float8_e4m3fnuz": .float8E4M3FNUZ, "float8_e5m2fnuz": .float8E5M2FNUZ,
    "complex64": .complex64, "int64": .int64, "int32": .int32, "int16": .int16, "int8": .int8,
    "uint64": .uint64, "uint32": .uint32, "uint16": .uint16, "uint8": .uint8, "bool": .bool,
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
