import Testing

@testable import HymbaFormat

@Suite("Section geometry")
struct SectionGeometryTests {
  @Test(
    "a tensor is cut into full chunks and a rest, a plane of each a frame",
    arguments: [
      (.uint8, 10, 4, 3, [4, 4, 2]), (.bfloat16, 8, 4, 2, [4, 4, 4, 4]),
      (.float32, 3, 4, 1, [3, 3, 3, 3]),
      (.int8, 1, 1, 1, [1]), (.uint8, 4, 1, 4, [1, 1, 1, 1]),
    ] as [(ElementType, Int, Int, Int, [Int])])
  func frames(_ type: ElementType, _ elements: Int, _ chunk: Int, _ chunks: Int, _ sizes: [Int]) {
    let geometry = SectionGeometry(type: type, elementCount: elements, chunkElements: chunk)
    #expect(
      geometry.chunkCount == chunks && geometry.frameSizes == sizes
        && geometry.frameCount == sizes.count)
    #expect(geometry.planes == ReferencePlanes.width[type])
  }

  @Test("a number of elements near 63 bits does not overflow", arguments: [1, 2, 1 << 24])
  func nearOverflow(_ chunk: Int) {
    let geometry = SectionGeometry(type: .uint8, elementCount: .max, chunkElements: chunk)
    #expect(geometry.chunkCount == Int.max / chunk + (chunk == 1 ? 0 : 1))
    #expect(!geometry.fits(in: .max))
    let wide = SectionGeometry(type: .float64, elementCount: .max / 8, chunkElements: 1)
    #expect(wide.frameCount == Int.max / 8 * 8 && !wide.fits(in: .max))
  }

  @Test("a section has room for its table, 8 bytes for each frame and the padding, and 17 more")
  func room() {
    let geometry = SectionGeometry(type: .bfloat16, elementCount: 9, chunkElements: 4)
    #expect(!geometry.fits(in: 8 * 7 + 16) && geometry.fits(in: 8 * 7 + 17))
  }

  @Test("a section has at most 2^20 frames")
  func mostFrames() {
    #expect(
      SectionGeometry(type: .uint8, elementCount: 1 << 20, chunkElements: 1).fits(in: 1 << 30))
    #expect(
      !SectionGeometry(type: .uint8, elementCount: 1 << 20 + 1, chunkElements: 1).fits(in: 1 << 30))
    #expect(
      SectionGeometry(type: .int16, elementCount: 1 << 19, chunkElements: 1).fits(in: 1 << 30))
    #expect(
      !SectionGeometry(type: .int16, elementCount: 1 << 19 + 1, chunkElements: 1).fits(in: 1 << 30))
  }

  @Test(
    "no section of random bytes is larger than its bound", arguments: ElementType.known,
    [1, 1000, 131_072, 140_001])
  func bound(_ type: ElementType, _ elements: Int) throws {
    let geometry = SectionGeometry(
      type: type, elementCount: elements, chunkElements: SectionGeometry.chunkElements)
    let pattern = Random.bytes(64 * 1024 + 13)
    let bytes = [UInt8](count: elements * type.byteSize, repeating: pattern)
    let chunk = try ChunkEncoder(.default).encode(bytes.raw, type)
    #expect(
      chunk.frames.map(\.storedBytes).count == geometry.planes
        && chunk.frames.map(\.storedBytes).reduce(0, +) == chunk.bytes.count)
    // The end of a section takes at most: a padding frame of 8 + 63 bytes and the table.
    let end = 8 + 63 + 8 * (geometry.planes + 1) + 17
    #expect(chunk.bytes.count + end <= geometry.storedBytesBound + 8)
  }
}
