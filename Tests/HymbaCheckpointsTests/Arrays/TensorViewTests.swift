import HymbaFormat
import Testing

@testable import HymbaCheckpoints

/// The walk over a strided view against the definition, element by element.
@Suite struct TensorViewTests {
  private struct Memory: ByteSource {
    let bytes: [UInt8]
    var byteCount: Int { bytes.count }

    func read(at offset: Int, into buffer: inout MutableRawSpan) throws {
      for index in 0..<buffer.byteCount {
        buffer.storeBytes(of: bytes[offset + index], toByteOffset: index, as: UInt8.self)
      }
    }
  }

  /// Element [i, j, …] begins at start + (i · strides[0] + j · strides[1] + …) · width.
  private func reference(
    _ memory: [UInt8], start: Int, _ dimensions: [Int], _ strides: [Int], _ width: Int,
    isSwapped: Bool
  ) -> [UInt8] {
    guard let first = dimensions.first else {
      let element = Array(memory[start..<start + width])
      return isSwapped ? element.reversed() : element
    }
    return (0..<first).flatMap { index in
      reference(
        memory, start: start + index * strides[0] * width, Array(dimensions.dropFirst()),
        Array(strides.dropFirst()), width, isSwapped: isSwapped)
    }
  }

  @Test("random views read as the definition says, in any range", arguments: 0..<60)
  func random(_ seed: UInt64) throws {
    var numbers = SeededNumbers(seed: seed)
    let rank = Int.random(in: 0...4, using: &numbers)
    let dimensions = (0..<rank).map { _ in Int.random(in: 1...6, using: &numbers) }
    // Some of them wide enough for jumps behind the reader's window.
    let widest = seed % 4 == 0 ? 20_000 : 40
    let strides = (0..<rank).map { _ in Int.random(in: 0...widest, using: &numbers) }
    let type = [ElementType.int8, .float16, .float32, .float64][Int(seed % 4)]
    let isSwapped = seed % 3 == 0
    let start = Int.random(in: 0...9, using: &numbers)
    let span = zip(dimensions, strides).reduce(1) { $0 + ($1.0 - 1) * $1.1 }
    let memory = numbers.bytes(start + span * type.byteSize)
    let expected = reference(
      memory, start: start, dimensions, strides, type.byteSize, isSwapped: isSwapped)
    let tensor = try TensorDescriptor(name: "a", type: type, dimensions: dimensions)
    let view = try #require(
      TensorView(
        tensor, in: Memory(bytes: memory), start: start, strides: strides, isSwapped: isSwapped))
    for _ in 0..<30 {
      let begin = Int.random(in: 0...expected.count, using: &numbers)
      let end = Int.random(in: begin...expected.count, using: &numbers)
      let read = try [UInt8](count: end - begin) { try view.read(from: begin, into: &$0) }
      #expect(read == Array(expected[begin..<end]), "\(dimensions) \(strides) \(begin)..<\(end)")
    }
    // One byte less and the last element would lie outside.
    #expect(
      TensorView(
        tensor, in: Memory(bytes: memory.dropLast()), start: start, strides: strides,
        isSwapped: isSwapped) == nil)
  }

  @Test("long runs, which the reader takes in parts, are read whole")
  func longRuns() throws {
    let memory = SeededNumbers(seed: 9).bytes(400_000)
    let tensor = try TensorDescriptor(name: "a", type: .int16, dimensions: [2, 100_000])
    let view = try #require(
      TensorView(tensor, in: Memory(bytes: memory), start: 0, strides: [1, 2], isSwapped: false))
    let read = try [UInt8](count: 400_000) { try view.read(from: 0, into: &$0) }
    #expect(
      read == reference(memory, start: 0, [2, 100_000], [1, 2], 2, isSwapped: false))
  }
}
