package import HymbaFormat

/// A type of tensor data in a GGUF file that is read, by its number there.
package enum GGUFType: UInt32, CaseIterable, Sendable {
  case f32 = 0, f16 = 1
  case q4_0 = 2, q4_1 = 3, q5_0 = 6, q5_1 = 7, q8_0 = 8
  case q2K = 10, q3K = 11, q4K = 12, q5K = 13, q6K = 14, q8K = 15
  case i8 = 24, i16 = 25, i32 = 26, i64 = 27, f64 = 28, bf16 = 30

  /// The type of a tensor.
  /// - Throws: ``GGUFError/unreadType(tensor:_:)``, ``GGUFError/removedType(tensor:_:)``,
  ///   ``GGUFError/unknownType(tensor:_:)``.
  init(_ number: UInt32, of tensor: String) throws(GGUFError) {
    if let type = GGUFType(rawValue: number) {
      self = type
    } else if let name = Self.unread[number] {
      throw .unreadType(tensor: tensor, name)
    } else if let name = Self.removed[number] {
      throw .removedType(tensor: tensor, name)
    } else {
      throw .unknownType(tensor: tensor, number)
    }
  }

  /// The name that llama.cpp uses.
  package var name: String {
    switch self {
    case .f32: "F32"
    case .f16: "F16"
    case .bf16: "BF16"
    case .f64: "F64"
    case .i8: "I8"
    case .i16: "I16"
    case .i32: "I32"
    case .i64: "I64"
    case .q4_0: "Q4_0"
    case .q4_1: "Q4_1"
    case .q5_0: "Q5_0"
    case .q5_1: "Q5_1"
    case .q8_0: "Q8_0"
    case .q2K: "Q2_K"
    case .q3K: "Q3_K"
    case .q4K: "Q4_K"
    case .q5K: "Q5_K"
    case .q6K: "Q6_K"
    case .q8K: "Q8_K"
    }
  }

  /// How a type becomes F32; nil for a type that is read as it is.
  var blocks: (any BlockFormat.Type)? {
    switch self {
    case .f32, .f64, .i8, .i16, .i32, .i64: nil
    case .f16: F16.self
    case .bf16: BF16.self
    case .q4_0: Q4_0.self
    case .q4_1: Q4_1.self
    case .q5_0: Q5_0.self
    case .q5_1: Q5_1.self
    case .q8_0: Q8_0.self
    case .q2K: Q2K.self
    case .q3K: Q3K.self
    case .q4K: Q4K.self
    case .q5K: Q5K.self
    case .q6K: Q6K.self
    case .q8K: Q8K.self
    }
  }

  /// The type of the elements after reading. Numbers of 16 bits are F32 as quantised ones are, which is how
  /// llama.cpp's tools give them.
  package var elements: ElementType {
    switch self {
    case .f64: .float64
    case .i8: .int8
    case .i16: .int16
    case .i32: .int32
    case .i64: .int64
    default: .float32
    }
  }

  /// Elements that are stored together; 1 for a type of plain numbers.
  package var blockElements: Int { blocks?.elements ?? 1 }
  /// Bytes of a block.
  package var blockBytes: Int { blocks?.bytes ?? elements.byteSize }

  private static let unread: [UInt32: String] = [
    9: "Q8_1", 16: "IQ2_XXS", 17: "IQ2_XS", 18: "IQ3_XXS", 19: "IQ1_S", 20: "IQ4_NL", 21: "IQ3_S",
    22: "IQ2_S", 23: "IQ4_XS", 29: "IQ1_M", 34: "TQ1_0", 35: "TQ2_0", 39: "MXFP4", 40: "NVFP4",
    41: "Q1_0", 42: "Q2_0",
  ]

  private static let removed: [UInt32: String] = [
    4: "Q4_2", 5: "Q4_3", 31: "Q4_0_4_4", 32: "Q4_0_4_8", 33: "Q4_0_8_8", 36: "IQ4_NL_4_4",
    37: "IQ4_NL_4_8", 38: "IQ4_NL_8_8",
  ]
}
