import HymbaFormat
import HymbaModel
import TestSupport
import Testing

@testable import HymbaInspection

/// Changes that an explanation fits by chance, or only backward. The right answers follow from how they are made.
@Suite("Explanations that are not to be given")
struct FalseExplanationTests {
  private func change(_ a: MemorySource.Entry, _ b: MemorySource.Entry) throws -> TensorDifference {
    let folder = try TemporaryFolder()
    for (name, entry) in [("a", a), ("b", b)] {
      try SafetensorsWriter.write(
        MemorySource([entry]), to: folder.file("\(name).safetensors"), replace: false)
    }
    let pair = try CheckpointPair.open(folder.file("a.safetensors"), folder.file("b.safetensors"))
    return try #require(try CheckpointDifference(pair, jobs: 2).tensors.first)
  }

  private func floats(_ values: [Float]) -> MemorySource.Entry {
    .init("w", .float32, [values.count], values.littleEndianBytes)
  }

  /// 16-bit words of a type.
  private func words(_ words: [UInt16], _ type: ElementType) -> MemorySource.Entry {
    .init("w", type, [words.count], words.flatMap { [UInt8(truncatingIfNeeded: $0), UInt8($0 >> 8)] })
  }

  @Test("one element that moved by its rounding is no offset of all")
  func offset() throws {
    // 1000 in BF16, and the number after it.
    let a = [UInt16](repeating: 0x447A, count: 64)
    let found = try change(words(a, .bfloat16), words([0x447C] + a.dropFirst(), .bfloat16))
    #expect(found.explanation?.kind == .sparse)
  }

  @Test("some ones that became the number below are no scaling of all")
  func scale() throws {
    let a = [UInt16](repeating: 0x3F80, count: 64)
    let found = try change(words(a, .bfloat16), words([0x3F7F, 0x3F7F, 0x3F7F] + a.dropFirst(3), .bfloat16))
    #expect(found.explanation?.kind == .sparse)
  }

  @Test("a few values that repeat are in no order")
  func order() throws {
    let a: [UInt16] = [0x3C00, 0x3C01, 0x3C00, 0x3C00, 0x3C01, 0x3C00, 0x3C00, 0x3C01]
    let found = try change(words(a, .float16), words([a[1], a[0]] + a.dropFirst(2), .float16))
    #expect(found.explanation?.kind != .permutation && found.explanation?.kind != .interleave)
  }

  @Test("the same magnitudes in another order and with other signs were not drawn anew")
  func rotated() throws {
    var generator = SplitMix64(seed: 3)
    let a = (0..<4096).map { _ in Float(SplitMix64.unit(generator.next())) }
    let found = try change(floats(a), floats(a[2048...].map { -$0 } + a[..<2048]))
    #expect(found.explanation == nil)
    let drawn = try change(floats(a), floats(a.map { _ in Float(SplitMix64.unit(generator.next())) }))
    #expect(drawn.explanation?.kind == .unrelated)
  }

  @Test("signs of zeros and of NaN are no rounding")
  func signs() throws {
    let zeros = try change(floats([0, 0, 0, 0]), floats([-0.0, -0.0, -0.0, -0.0]))
    #expect(zeros.status == .changed && zeros.explanation == nil)
    let nan = try change(floats([1, .nan]), floats([1, -.nan]))
    #expect(nan.status == .changed && nan.explanation == nil)
  }

  @Test("a cast that makes elements infinite says how many, and is a change")
  func overflow() throws {
    // 1 and 2^20, which F16 cannot hold.
    let found = try change(
      words([0x3F80] + [UInt16](repeating: 0x4980, count: 63), .bfloat16),
      words([0x3C00] + [UInt16](repeating: 0x7C00, count: 63), .float16))
    #expect(found.status == .changed && found.explanation?.kind == .cast)
    #expect(found.explanation?.detail.hasSuffix("; 63 of 64 elements became infinite") == true)
  }
}
