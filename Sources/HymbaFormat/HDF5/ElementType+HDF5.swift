#if HDF5
import HDF5

extension ElementType {
  /// The type of a dataset's elements; nil for elements that cannot be those of a tensor.
  ///
  /// - Parameter mark: The type that an attribute gives to elements that HDF5 itself cannot describe, such as
  ///   a bfloat16 that was stored as two bytes.
  init?(_ type: HDF5Datatype, mark: ElementType?) {
    switch type {
    case .integer(let bytes, let isSigned):
      guard let plain = Self.integer(bytes: bytes, isSigned: isSigned) else { return nil }
      self = mark.flatMap { !isSigned && $0.byteSize == bytes ? $0 : nil } ?? plain
    case .float(let bytes, let exponentBits, let fractionBits, let bias):
      switch (bytes, exponentBits, fractionBits, bias) {
      case (8, 11, 52, 1023): self = .float64
      case (4, 8, 23, 127): self = .float32
      case (2, 5, 10, 15): self = .float16
      case (2, 8, 7, 127): self = .bfloat16
      case (1, 4, 3, 7): self = .float8E4M3
      case (1, 5, 2, 15): self = .float8E5M2
      default: return nil
      }
    case .boolean: self = .bool
    case .complex(8): self = .complex64
    case .opaque(let bytes):
      guard let mark, mark.byteSize == bytes else { return nil }
      self = mark
    case .complex, .text, .numbers, .other: return nil
    }
  }

  private static func integer(bytes: Int, isSigned: Bool) -> ElementType? {
    switch bytes {
    case 8: isSigned ? .int64 : .uint64
    case 4: isSigned ? .int32 : .uint32
    case 2: isSigned ? .int16 : .uint16
    case 1: isSigned ? .int8 : .uint8
    default: nil
    }
  }

  /// The type that the text of an attribute names, as PyTorch, NumPy's `ml_dtypes` or safetensors write it; nil
  /// for every type that HDF5 can describe itself. Keras, for example, writes `dtype` = `bfloat16`.
  init?(hdf5Mark text: String) {
    let names: [String: ElementType] = [
      "bfloat16": .bfloat16, "bf16": .bfloat16, "float8_e4m3fn": .float8E4M3,
      "f8_e4m3": .float8E4M3, "float8_e5m2": .float8E5M2, "f8_e5m2": .float8E5M2,
    ]
    let name = text.lowercased().split(separator: ".").last.map(String.init) ?? ""
    guard let type = names[name] else { return nil }
    self = type
  }
}

extension HDF5Datatype {
  /// Whether an attribute may give the elements another type.
  var isMarkable: Bool {
    switch self {
    case .integer(let bytes, false), .opaque(let bytes): bytes <= 2
    default: false
    }
  }

  /// Whether the elements are no numbers. A file may hold such datasets beside its tensors.
  var isForeign: Bool {
    switch self {
    case .text, .other: true
    // h5py writes the types of `ml_dtypes` that HDF5 has no name for, such as bfloat16, as one or two bytes.
    case .opaque(let bytes): bytes > 2
    default: false
    }
  }

  /// The kind of the elements, in words for a message.
  var words: String {
    switch self {
    case .integer(let bytes, _): "integers of \(bytes) bytes"
    case .float(let bytes, _, _, _): "floating-point numbers of \(bytes) bytes in an unusual format"
    case .boolean: "booleans"
    case .complex(let bytes): "complex numbers of \(bytes) bytes"
    case .opaque: "opaque bytes"
    case .text: "text"
    case .numbers(let words, _), .other(let words): words
    }
  }

  /// What the user can do about elements that cannot be those of a tensor, in terms of h5py and NumPy.
  var wayOut: String {
    switch self {
    case .complex: "store them with .astype('complex64')"
    case .numbers(_, let type?): "store them with .astype('\(type)')"
    case .float: "store them with .astype('float64')"
    case .opaque(1):
      "give the dataset an attribute “dtype” that says what they are: float8_e4m3fn or float8_e5m2"
    case .opaque: "give the dataset an attribute “dtype” that says what they are: bfloat16"
    default: "store them as plain numbers"
    }
  }
}
#endif
