import HymbaFormat
import Testing

@Suite("Shape")
struct ShapeTests {
  @Test(
    "the element count is the product of the dimensions, 1 for a scalar, 0 with a dimension of 0",
    arguments: [
      ([], 1, "[]"), ([7], 7, "[7]"), ([2, 3], 6, "[2, 3]"), ([4, 0, 5], 0, "[4, 0, 5]"),
      ([Int.max], Int.max, "[9223372036854775807]"), ([0, Int.max], 0, "[0, 9223372036854775807]"),
      (
        [Int](repeating: 1, count: 32), 1,
        "[" + [String](repeating: "1", count: 32).joined(separator: ", ") + "]"
      ),
    ] as [([Int], Int, String)])
  func elementCount(_ dimensions: [Int], _ count: Int, _ text: String) throws {
    let shape = try Shape(dimensions)
    #expect(shape.elementCount == count && shape.rank == dimensions.count)
    #expect(shape.description == text)
  }

  @Test(
    "an impossible shape is refused",
    arguments: [
      ([2, -1], "the shape [2, -1] has a negative dimension"),
      ([Int.min], "the shape [-9223372036854775808] has a negative dimension"),
      (
        [1 << 32, 1 << 31],
        "the shape [4294967296, 2147483648] has more elements than 63 bits count"
      ),
      (
        [Int](repeating: 1, count: 33),
        "the shape [1, 1, 1, 1, 1, 1, 1, 1, …] has more than 32 dimensions"
      ),
    ] as [([Int], String)])
  func refused(_ dimensions: [Int], _ text: String) {
    #expect(message { _ = try Shape(dimensions) } == text)
  }

  @Test("the byte count is the element count times the size of an element")
  func byteCount() throws {
    #expect(try Shape([3, 5]).byteCount(of: .bfloat16) == 30)
    #expect(try Shape([]).byteCount(of: .float64) == 8)
    #expect(try Shape([1 << 60]).byteCount(of: .float32) == 1 << 62)
  }

  @Test(
    "elements of less than a byte fill whole bytes, or the shape is refused",
    arguments: [
      (.float4, [3, 4], 6), (.float4, [3], nil), (.float6E2M3, [4], 3), (.float6E3M2, [2, 2, 2], 6),
      (.float6E3M2, [2], nil), (.float4, [0], 0), (.float4, [], nil),
    ] as [(ElementType, [Int], Int?)])
  func packed(_ type: ElementType, _ dimensions: [Int], _ bytes: Int?) throws {
    let shape = try Shape(dimensions)
    #expect((try? shape.byteCount(of: type)) == bytes)
    #expect(
      message { _ = try shape.byteCount(of: type) }
        == (bytes == nil
          ? "the shape \(dimensions) has \(shape.elementCount * type.bitSize) bits as \(type.rawValue), which are no whole bytes"
          : nil))
  }

  @Test("a byte count beyond 63 bits is refused")
  func byteCountOverflow() throws {
    let shape = try Shape([1 << 60])
    #expect(
      message { _ = try shape.byteCount(of: .float64) }
        == "the shape [1152921504606846976] has more bytes than 63 bits count")
  }

  @Test(
    "every element type has the size and kind that safetensors gives it",
    arguments: [
      ("F64", 8, true), ("F32", 4, true), ("F16", 2, true), ("BF16", 2, true), ("F8_E4M3", 1, true),
      ("F8_E5M2", 1, true), ("I64", 8, false), ("I32", 4, false), ("I16", 2, false),
      ("I8", 1, false),
      ("U64", 8, false), ("U32", 4, false), ("U16", 2, false), ("U8", 1, false), ("BOOL", 1, false),
    ])
  func elementTypes(_ name: String, _ size: Int, _ isFloatingPoint: Bool) throws {
    let type = try #require(ElementType(rawValue: name))
    #expect(type.byteSize == size && type.isFloatingPoint == isFloatingPoint)
    #expect(ElementType.known.count == 15)
  }

  @Test(
    "the types that are only kept have the width that safetensors gives them",
    arguments: [
      ("C64", 64), ("F8_E8M0", 8), ("F8_E4M3FNUZ", 8), ("F8_E5M2FNUZ", 8), ("F6_E2M3", 6),
      ("F6_E3M2", 6), ("F4", 4),
    ])
  func opaqueTypes(_ name: String, _ bits: Int) throws {
    let type = try #require(ElementType(rawValue: name))
    #expect(type.bitSize == bits && type.isOpaque && !type.isFloatingPoint)
    #expect(type.isPacked == (bits < 8) && type.byteSize == max(1, bits / 8))
    #expect(ElementType.opaque.count == 7)
  }
}
