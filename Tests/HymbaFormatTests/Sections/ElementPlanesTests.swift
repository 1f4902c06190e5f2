import Testing

@testable import HymbaFormat

@Suite("Element planes")
struct ElementPlanesTests {
  private func split(_ bytes: [UInt8], _ type: ElementType) -> [UInt8] {
    [UInt8](count: bytes.count) { ElementPlanes.split(bytes.raw, type, into: &$0) }
  }

  private func merge(_ planes: [UInt8], _ type: ElementType) -> [UInt8] {
    [UInt8](count: planes.count) { ElementPlanes.merge(planes.raw, type, into: &$0) }
  }

  /// Worked out by hand. BF16: 1.0 is 3F80, rotated left 7F00; -2.0 is C000, rotated 8001; 7FFF becomes FFFE.
  /// F32: 1.0 is 3F800000 → 7F000000; -1.5 is BFC00000 → 7F800001; 12345678 → 2468ACF0. F8: 80 → 01, 7F → FE,
  /// C5 → 8B. F64: -2.0 is C000000000000000 → 8000000000000001; 0123456789ABCDEF → 02468ACF13579BDE.
  @Test(
    "the planes are those of the specification: floats rotated, most significant byte first",
    arguments: [
      (.bfloat16, [0x80, 0x3F, 0x00, 0xC0, 0xFF, 0x7F], [0x7F, 0x80, 0xFF, 0x00, 0x01, 0xFE]),
      (.float16, [0x00, 0xC0, 0x34, 0x12], [0x80, 0x24, 0x01, 0x68]),
      (
        .float32, [0, 0, 0x80, 0x3F, 0, 0, 0xC0, 0xBF, 0x78, 0x56, 0x34, 0x12],
        [0x7F, 0x7F, 0x24, 0x00, 0x80, 0x68, 0x00, 0x00, 0xAC, 0x00, 0x01, 0xF0]
      ),
      (
        .float64,
        [0, 0, 0, 0, 0, 0, 0, 0xC0, 0xEF, 0xCD, 0xAB, 0x89, 0x67, 0x45, 0x23, 0x01],
        [0x80, 0x02, 0, 0x46, 0, 0x8A, 0, 0xCF, 0, 0x13, 0, 0x57, 0, 0x9B, 0x01, 0xDE]
      ),
      (.float8E4M3, [0x80, 0x7F, 0xC5], [0x01, 0xFE, 0x8B]),
      (.float8E5M2, [0x80, 0x7F, 0xC5], [0x01, 0xFE, 0x8B]),
      (.uint16, [0x34, 0x12, 0xCD, 0xAB], [0x12, 0xAB, 0x34, 0xCD]),
      (.int16, [0x00, 0x80, 0xFF, 0x7F], [0x80, 0x7F, 0x00, 0xFF]),
      (.uint32, [0x78, 0x56, 0x34, 0x92], [0x92, 0x34, 0x56, 0x78]),
      (.int64, [8, 7, 6, 5, 4, 3, 2, 0x81], [0x81, 2, 3, 4, 5, 6, 7, 8]),
      (.uint8, [0x80, 1], [0x80, 1]),
      (.int8, [0x80, 1], [0x80, 1]), (.bool, [1, 0, 2, 0xFF], [1, 0, 2, 0xFF]),
    ] as [(ElementType, [UInt8], [UInt8])])
  func vectors(_ type: ElementType, _ elements: [UInt8], _ planes: [UInt8]) {
    #expect(split(elements, type) == planes)
    #expect(merge(planes, type) == elements)
  }

  @Test(
    "any bits come back, and the planes are those of the reference in arithmetic",
    arguments: ElementType.known,
    [0, 1, 2, 3, 7, 64, 255, 1023])
  func anyBits(_ type: ElementType, _ count: Int) {
    let elements = Random.bytes(count * type.byteSize, seed: UInt64(count))
    let planes = split(elements, type)
    #expect(planes == ReferencePlanes.split(elements, type))
    #expect(merge(planes, type) == elements)
    #expect(ReferencePlanes.merge(planes, type) == elements)
  }

  @Test("there is a plane for each byte of an element", arguments: ElementType.known)
  func count(_ type: ElementType) {
    #expect(ElementPlanes.count(for: type) == ReferencePlanes.width[type])
  }
}
