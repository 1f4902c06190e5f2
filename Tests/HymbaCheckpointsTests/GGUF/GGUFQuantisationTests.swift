import HymbaFormat
import TestSupport
import Testing

@testable import HymbaCheckpoints

/// Quantising, against the files that llama.cpp's converter quantised.
@Suite struct GGUFQuantisationTests {
  @Test("the source's values become the bytes of the recorded file")
  func recorded() throws {
    let source = try GGUFSource(Fixture.path("gguf", "jamba-tiny/jamba-tiny-f32.gguf"))
    let quantised = try GGUFSource(Fixture.path("gguf", "jamba-tiny/jamba-tiny-q8_0.gguf"))
    let tensors = quantised.tensors.filter { quantised.storedType(of: $0) == "Q8_0" }
    #expect(tensors.count == 44)
    for tensor in tensors {
      let original = try #require(source.tensors[tensor.name])
      let blocks = try #require(GGUFQuantisation.q8_0(source.floats(of: original)))
      #expect(try blocks == quantised.storedData(of: tensor), "\(tensor.name)")
    }
  }

  @Test("halves are rounded away from zero, and the largest value becomes 127")
  func rounding() throws {
    // The scale is 1, so the values are rounded as they are.
    let values: [Float] = [127, 0.5, -0.5, 1.5, -1.5, 2.5, -2.5, 0.49999997, -127, -0.0] + [Float](repeating: 0, count: 22)
    let numbers: [Int8] = [127, 1, -1, 2, -2, 3, -3, 0, -127, 0] + [Int8](repeating: 0, count: 22)
    #expect(GGUFQuantisation.q8_0(values) == [0, 0x3C] + numbers.map { UInt8(bitPattern: $0) })
    #expect(GGUFQuantisation.q8_0([Float](repeating: 0, count: 32)) == [UInt8](repeating: 0, count: 34))
    // Such small values have a scale that F16 rounds to zero.
    let small = GGUFQuantisation.q8_0([Float](repeating: .leastNonzeroMagnitude, count: 32))
    #expect(small?.prefix(2) == [0, 0])
  }

  @Test("values that no block of the type holds are not quantised", arguments: [Float.nan, .infinity, -1e7])
  func impossible(_ value: Float) {
    #expect(GGUFQuantisation.q8_0([value] + [Float](repeating: 1, count: 31)) == nil)
    #expect(GGUFQuantisation.q8_0([Float](repeating: 1, count: 63) + [value]) == nil)
  }
}
