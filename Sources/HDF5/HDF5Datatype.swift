import CHDF5

/// The type of the elements of a dataset, without their byte order.
package enum HDF5Datatype: Sendable, Equatable {
  /// Integers that use all bits of their bytes.
  case integer(bytes: Int, isSigned: Bool)
  /// Floating-point numbers: from the highest bit down, the sign, the exponent, and the fraction with an
  /// implied leading one.
  case float(bytes: Int, exponentBits: Int, fractionBits: Int, exponentBias: Int)
  /// Booleans as h5py writes NumPy's `bool`: an enumeration of one byte with FALSE = 0 and TRUE = 1.
  case boolean
  /// Complex numbers as h5py writes NumPy's: a structure of a real and an imaginary part, `r` and `i`. Each
  /// part is a floating-point number of half of the bytes.
  case complex(bytes: Int)
  /// Bytes without a meaning.
  case opaque(bytes: Int)
  case text
  /// Numbers of a type that no tensor can have, in words, and NumPy's name of a type to use instead.
  case numbers(String, instead: String? = nil)
  /// Everything else, in words.
  case other(String)
}

extension HDF5Datatype {
  /// Reads a type of the library. The corresponding C functions are `H5Tget_class` and those that describe each
  /// class.
  /// - Throws: ``HDF5Error/library(_:)``.
  init(_ type: borrowing Identifier) throws(HDF5Error) {
    let kind = H5T_class_t(rawValue: try Gate.call { H5Tget_class(type.value).rawValue })
    let bytes = try Gate.call { Int(clamping: H5Tget_size(type.value)) }
    switch kind {
    case H5T_INTEGER: self = try Self.integer(type, bytes)
    case H5T_FLOAT: self = try Self.float(type, bytes)
    case H5T_ENUM:
      self = try Self.isBoolean(type, bytes) ? .boolean : .other("an enumeration")
    case H5T_OPAQUE: self = .opaque(bytes: bytes)
    case H5T_STRING: self = .text
    case H5T_COMPOUND:
      self = try Self.compound(type, bytes)
    case H5T_BITFIELD: self = .other("a bit field")
    case H5T_REFERENCE: self = .other("references")
    case H5T_VLEN: self = .other("sequences of varying length")
    case H5T_ARRAY: self = .numbers("an array type")
    case H5T_TIME: self = .other("times")
    default: self = .numbers("a type that is not known here")
    }
  }

  private static func integer(
    _ type: borrowing Identifier, _ bytes: Int
  ) throws(HDF5Error) -> HDF5Datatype {
    let sign = try Gate.call { H5Tget_sign(type.value).rawValue }
    guard try fillsItsBytes(type, bytes) else { return .numbers("integers with unused bits") }
    return .integer(bytes: bytes, isSigned: sign == H5T_SGN_2.rawValue)
  }

  private static func float(
    _ type: borrowing Identifier, _ bytes: Int
  ) throws(HDF5Error) -> HDF5Datatype {
    var sign = 0, exponent = 0, exponentBits = 0, fraction = 0, fractionBits = 0
    try Gate.call {
      unsafe H5Tget_fields(
        type.value, &sign, &exponent, &exponentBits, &fraction, &fractionBits)
    }
    let bias = try Gate.call { Int(clamping: H5Tget_ebias(type.value)) }
    let norm = try Gate.call { H5Tget_norm(type.value).rawValue }
    guard try fillsItsBytes(type, bytes), norm == H5T_NORM_IMPLIED.rawValue, fraction == 0,
      exponent == fractionBits, sign == 8 * bytes - 1, sign == exponentBits + fractionBits
    else { return .numbers("floating-point numbers that are not IEEE 754's", instead: "float64") }
    return .float(
      bytes: bytes, exponentBits: exponentBits, fractionBits: fractionBits, exponentBias: bias)
  }

  /// Whether the type has no padding, at most eight bytes, and a little- or big-endian byte order.
  private static func fillsItsBytes(
    _ type: borrowing Identifier, _ bytes: Int
  ) throws(HDF5Error) -> Bool {
    let precision = try Gate.call { Int(clamping: H5Tget_precision(type.value)) }
    let offset = try Gate.call { H5Tget_offset(type.value) }
    let order = try Gate.call { H5Tget_order(type.value).rawValue }
    return bytes > 0 && bytes <= 8 && precision == 8 * bytes && offset == 0
      && (order == H5T_ORDER_LE.rawValue || order == H5T_ORDER_BE.rawValue)
  }

  private static func compound(
    _ type: borrowing Identifier, _ bytes: Int
  ) throws(HDF5Error) -> HDF5Datatype {
    guard try Gate.call({ H5Tget_nmembers(type.value) }) == 2 else { return .other("a compound type") }
    for (index, name) in [(UInt32(0), "r"), (1, "i")] {
      // The call fails when there is no such member.
      guard let found = try? Gate.call({ unsafe H5Tget_member_index(type.value, name) }), found == index,
        try Gate.call({ H5Tget_member_class(type.value, index).rawValue }) == H5T_FLOAT.rawValue
      else { return .other("a compound type") }
      let part = try Identifier { H5Tget_member_type(type.value, index) }
      let offset = try Gate.call { Int(clamping: H5Tget_member_offset(type.value, index)) }
      guard offset == Int(index) * bytes / 2,
        try Gate.call({ Int(clamping: H5Tget_size(part.value)) }) == bytes / 2,
        case .float = try float(part, bytes / 2)
      else { return .numbers("complex numbers in an unusual format", instead: "complex64") }
    }
    return .complex(bytes: bytes)
  }

  private static func isBoolean(
    _ type: borrowing Identifier, _ bytes: Int
  ) throws(HDF5Error) -> Bool {
    guard bytes == 1, try Gate.call({ H5Tget_nmembers(type.value) }) == 2 else { return false }
    for (name, expected) in [("FALSE", UInt8(0)), ("TRUE", UInt8(1))] {
      // The library writes a value of the size of the type, which is one byte.
      var value: UInt8 = 0xFF
      guard (try? Gate.call { unsafe H5Tenum_valueof(type.value, name, &value) }) != nil,
        value == expected
      else { return false }
    }
    return true
  }
}
