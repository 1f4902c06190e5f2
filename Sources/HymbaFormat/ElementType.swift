/// The type of one element of a tensor, under the names that safetensors uses.
public enum ElementType: String, Sendable, CaseIterable, Codable {
  case float64 = "F64"
  case float32 = "F32"
  case float16 = "F16"
  case bfloat16 = "BF16"
  case float8E4M3 = "F8_E4M3"
  case float8E5M2 = "F8_E5M2"
  case int64 = "I64"
  case int32 = "I32"
  case int16 = "I16"
  case int8 = "I8"
  case uint64 = "U64"
  case uint32 = "U32"
  case uint16 = "U16"
  case uint8 = "U8"
  case bool = "BOOL"

  // Opaque types: their elements are kept and moved, but never computed with.
  case complex64 = "C64"
  case float8E8M0 = "F8_E8M0"
  case float8E4M3FNUZ = "F8_E4M3FNUZ"
  case float8E5M2FNUZ = "F8_E5M2FNUZ"
  case float6E2M3 = "F6_E2M3"
  case float6E3M2 = "F6_E3M2"
  case float4 = "F4"

  /// Bits of one element.
  public var bitSize: Int {
    switch self {
    case .float64, .int64, .uint64, .complex64: 64
    case .float32, .int32, .uint32: 32
    case .float16, .bfloat16, .int16, .uint16: 16
    case .float8E4M3, .float8E5M2, .int8, .uint8, .bool, .float8E8M0, .float8E4M3FNUZ,
      .float8E5M2FNUZ:
      8
    case .float6E2M3, .float6E3M2: 6
    case .float4: 4
    }
  }

  /// Bytes of one element. It is 1 for elements of less than a byte: their tensors are moved a byte at a time.
  public var byteSize: Int { max(1, bitSize / 8) }

  /// Whether elements are smaller than a byte: neighbours share bytes, and no element can be moved alone.
  public var isPacked: Bool { bitSize < 8 }

  /// Whether the elements are floating-point numbers that can be read and computed with here.
  public var isFloatingPoint: Bool {
    switch self {
    case .float64, .float32, .float16, .bfloat16, .float8E4M3, .float8E5M2: true
    case .int64, .int32, .int16, .int8, .uint64, .uint32, .uint16, .uint8, .bool: false
    case .complex64, .float8E8M0, .float8E4M3FNUZ, .float8E5M2FNUZ, .float6E2M3, .float6E3M2,
      .float4:
      false
    }
  }

  /// Whether the elements are only kept and moved: no value is read, cast or computed with.
  public var isOpaque: Bool {
    switch self {
    case .complex64, .float8E8M0, .float8E4M3FNUZ, .float8E5M2FNUZ, .float6E2M3, .float6E3M2,
      .float4:
      true
    default: false
    }
  }
}
