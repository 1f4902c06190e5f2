import TestSupport
import Testing

@testable import HymbaConversion

@Suite("Steps of layouts")
struct TransformStepTests {
  /// Bytes that tell every element apart.
  private func tensor(_ dimensions: [Int], elementSize: Int, start: Int = 0) -> RawTensor {
    let count = dimensions.reduce(1, *)
    return RawTensor(
      dimensions: dimensions,
      bytes: (0..<count).flatMap { element in
        (0..<elementSize).map { UInt8(truncatingIfNeeded: (start + element) * 7 + $0 * 101) }
      })
  }

  @Test(
    "every step undone by its inverse gives shapes and bytes back",
    arguments: [
      (.permute([1, 0]), [[3, 5]]), (.permute([2, 0, 1]), [[2, 3, 4]]), (.permute([0]), [[4]]),
      (.permute([1, 0]), [[3, 0]]), (.reshape(from: [4, 1, 6], to: [4, 6]), [[4, 1, 6]]),
      (.join(axis: 0, sizes: [2, 3]), [[2, 4], [3, 4]]),
      (.join(axis: 1, sizes: [1, 2, 3]), [[2, 1, 2], [2, 2, 2], [2, 3, 2]]),
      (.split(axis: 1, sizes: [2, 0, 3]), [[3, 5]]), (.split(axis: 0, sizes: [1, 4]), [[5, 2]]),
      (.unstack(3), [[3, 2, 2]]), (.stack(2), [[2, 2], [2, 2]]), (.repeat(3), [[2, 2]]),
    ] as [(TransformStep, [[Int]])], [1, 2, 4, 8])
  func inverse(_ example: (TransformStep, [[Int]]), elementSize: Int) throws {
    let (step, shapes) = example
    let inputs = shapes.enumerated().map {
      tensor($1, elementSize: elementSize, start: 100 * $0)
    }
    let names = shapes.indices.map { "t\($0)" }
    let middle = try step.apply(inputs, elementSize: elementSize, names: names)
    #expect(middle.map(\.dimensions) == (try step.shapes(shapes, of: "t")))
    let back = try step.inverse.apply(middle, elementSize: elementSize, names: names)
    #expect(back.map(\.dimensions) == shapes)
    #expect(back.map(\.bytes) == inputs.map(\.bytes))
    #expect(try step.inverse.shapes(middle.map(\.dimensions), of: "t") == shapes)
  }

  @Test("a reshape to another number of elements is refused, as any bytes would be made up or lost")
  func reshape() {
    #expect {
      try TransformStep.reshape(from: [2, 3], to: [4]).shapes([[2, 3]], of: "t")
    } throws: {
      "\($0)"
        == "the tensor “t” has the shape [2, 3], but the layout's step reshape [2, 3] to [4] needs a shape of as many elements as [4]"
    }
    #expect(throws: ConversionError.self) {
      try TransformStep.reshape(from: [2], to: [1 << 40, 1 << 40]).shapes([[2]], of: "t")
    }
  }

  @Test("each step moves the elements that it should")
  func values() throws {
    func run(_ step: TransformStep, _ tensors: [([Int], [UInt8])]) throws -> [[UInt8]] {
      try step.apply(
        tensors.map { RawTensor(dimensions: $0.0, bytes: $0.1) }, elementSize: 1, names: ["a", "b"]
      ).map(\.bytes)
    }
    #expect(try run(.permute([1, 0]), [([2, 3], [1, 2, 3, 4, 5, 6])]) == [[1, 4, 2, 5, 3, 6]])
    #expect(
      try run(.permute([1, 2, 0]), [([2, 1, 3], [1, 2, 3, 4, 5, 6])]) == [[1, 4, 2, 5, 3, 6]])
    #expect(
      try run(.join(axis: 1, sizes: [1, 2]), [([2, 1], [1, 2]), ([2, 2], [3, 4, 5, 6])])
        == [[1, 3, 4, 2, 5, 6]])
    #expect(
      try run(.split(axis: 1, sizes: [1, 2]), [([2, 3], [1, 2, 3, 4, 5, 6])])
        == [[1, 4], [2, 3, 5, 6]])
    #expect(try run(.unstack(2), [([2, 2], [1, 2, 3, 4])]) == [[1, 2], [3, 4]])
    #expect(try run(.same(2), [([2], [1, 2]), ([2], [1, 2])]) == [[1, 2]])
    // Zamba's interleaved rows: reshape [2I, H] to [I, 2, H], permute to [2, I, H], reshape to [2I, H].
    let rows: [UInt8] = [10, 20, 11, 21, 12, 22]
    let split = try run(.permute([1, 0, 2]), [([3, 2, 1], rows)])
    #expect(split == [[10, 11, 12, 20, 21, 22]])
  }

  @Test("copies that differ are refused by name")
  func copies() {
    #expect {
      try TransformStep.same(2).apply(
        [RawTensor(dimensions: [1], bytes: [1]), RawTensor(dimensions: [1], bytes: [2])],
        elementSize: 1, names: ["first", "second"])
    } throws: {
      "\($0)" == "“first” and “second” should be the same tensor, but their bytes differ"
    }
  }

  @Test(
    "shapes that a step cannot take are refused with what it needs",
    arguments: [
      (
        .permute([1, 0]), [[2]],
        "“t” has the shape [2], but the layout's step permute [1, 0] needs 2 axes"
      ),
      (
        .reshape(from: [2, 3], to: [6]), [[3, 2]],
        "“t” has the shape [3, 2], but the layout's step reshape [2, 3] to [6] needs [2, 3]"
      ),
      (
        .join(axis: 0, sizes: [1, 1]), [[1, 2], [1, 3]],
        "“t” has the shape [1, 3], but the layout's step join along axis 0 with sizes [1, 1] needs [1, 2]"
      ),
      (
        .split(axis: 0, sizes: [2, 2]), [[5]],
        "“t” has the shape [5], but the layout's step split along axis 0 with sizes [2, 2] needs 4 along axis 0"
      ),
      (
        .unstack(3), [[2, 2]],
        "“t” has the shape [2, 2], but the layout's step unstack 3 needs 3 along axis 0"
      ),
      (
        .split(axis: 3, sizes: [2]), [[2]],
        "“t” has the shape [2], but the layout's step split along axis 3 with sizes [2] needs 2 along axis 3"
      ),
    ] as [(TransformStep, [[Int]], String)])
  func mismatch(_ step: TransformStep, _ shapes: [[Int]], _ message: String) {
    #expect { try step.shapes(shapes, of: "t") } throws: { "\($0)" == "the tensor \(message)" }
  }
}
