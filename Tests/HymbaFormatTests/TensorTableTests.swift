import HymbaFormat
import Testing

@Suite("Tensor table")
struct TensorTableTests {
  @Test("a descriptor knows the bytes of its tensor")
  func descriptor() throws {
    let tensor = try TensorDescriptor(name: "a", type: .float32, dimensions: [2, 3])
    #expect(tensor.byteCount == 24)
    #expect(tensor == (try TensorDescriptor(name: "a", type: .float32, shape: Shape([2, 3]))))
  }

  @Test(
    "a descriptor with an impossible name or shape is refused, and the tensor is named",
    arguments: [
      ("", [1], "the tensor name “” is empty"),
      (
        String(repeating: "n", count: 4097), [1],
        "the tensor name “" + String(repeating: "n", count: 32) + "…” is longer than 4096 bytes"
      ),
      (
        String(repeating: "é", count: 2049), [1],
        "the tensor name “" + String(repeating: "é", count: 32) + "…” is longer than 4096 bytes"
      ),
      ("a\nb", [-1], "the shape [-1] of the tensor “a\\u{a}b” has a negative dimension"),
      (
        "a", [1 << 61],
        "the shape [2305843009213693952] of the tensor “a” has more bytes than 63 bits count"
      ),
    ] as [(String, [Int], String)])
  func refused(_ name: String, _ dimensions: [Int], _ text: String) {
    #expect(
      message { _ = try TensorDescriptor(name: name, type: .float32, dimensions: dimensions) }
        == text)
  }

  @Test("a name with a long run of combining marks is refused")
  func combiningMarks() throws {
    let name = "a" + String(repeating: "\u{301}", count: 257)
    #expect(
      message { _ = try TensorDescriptor(name: name, type: .uint8, dimensions: []) }
        == "the tensor name “\(name)” has more than 256 combining marks in a row")
    let words = String(repeating: "a" + String(repeating: "\u{301}", count: 256), count: 7)
    #expect(try TensorDescriptor(name: words, type: .uint8, dimensions: []).name == words)
  }

  @Test(
    "the longest name is accepted",
    arguments: [String(repeating: "n", count: 4096), String(repeating: "é", count: 2048)])
  func longestName(_ name: String) throws {
    #expect(try TensorDescriptor(name: name, type: .uint8, dimensions: []).name == name)
  }

  @Test("it keeps the order, finds names and adds up")
  func table() throws {
    let table = try TensorTable([
      TensorDescriptor(name: "b", type: .float32, dimensions: [2, 3]),
      TensorDescriptor(name: "a", type: .bool, dimensions: [5]),
      TensorDescriptor(name: "c", type: .int64, dimensions: [0]),
    ])
    #expect(table.map(\.name) == ["b", "a", "c"])
    #expect(table.count == 3 && table.totalBytes == 29 && table.totalElements == 11)
    #expect(table.position(of: "a") == 1 && table.position(of: "d") == nil)
    #expect(table["c"]?.type == .int64 && table["d"] == nil)
    #expect(try TensorTable([]).totalBytes == 0)
  }

  @Test("a name that is given twice is refused")
  func duplicate() throws {
    let tensor = try TensorDescriptor(name: "a\u{1B}", type: .bool, dimensions: [5])
    #expect(
      message { _ = try TensorTable([tensor, tensor]) } == "the tensor “a\\u{1b}” is listed twice")
  }

  @Test("tensors that no disk can hold together are refused, so that their sum cannot overflow")
  func totals() throws {
    let half = try TensorDescriptor(name: "half", type: .uint8, dimensions: [1 << 59])
    let other = try TensorDescriptor(name: "other", type: .uint8, dimensions: [1 << 59])
    #expect(try TensorTable([half, other]).totalBytes == 1 << 60)
    let one = try TensorDescriptor(name: "one", type: .uint8, dimensions: [1])
    #expect(
      message { _ = try TensorTable([half, other, one]) }
        == "the shape [1] of the tensor “one” brings the tensors beyond 1152921504606846976 bytes")
    let huge = try TensorDescriptor(name: "huge", type: .uint8, dimensions: [Int.max])
    #expect(
      message { _ = try TensorTable([one, huge]) }
        == "the shape [9223372036854775807] of the tensor “huge” brings the tensors beyond 1152921504606846976 bytes"
    )
  }
}
