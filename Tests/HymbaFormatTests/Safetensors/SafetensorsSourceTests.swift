import HymbaFormat
import TestSupport
import Testing

@Suite("Safetensors source")
struct SafetensorsSourceTests {
  @Test("data that is not aligned reads right, whole and in ranges")
  func unaligned() throws {
    // The header has 111 bytes, so the F64 begins at byte 122 of the file.
    let header =
      #"{"b":{"dtype":"U8","shape":[3],"data_offsets":[0,3]},"d":{"dtype":"F64","shape":[2],"data_offsets":[3,19]}}"#
    let data = Random.bytes(19)
    let folder = try TemporaryFolder()
    let source = try SafetensorsSource(folder.write(safetensors(header, data), to: "x.safetensors"))
    let tensor = try #require(source.tensors["d"])
    #expect((8 + header.utf8.count + 3) % 8 != 0)
    #expect(try source.bytes(of: tensor) == Array(data[3...]))
    for start in 0...16 {
      for end in start...16 {
        let part = try [UInt8](count: end - start) {
          try source.read(tensor, from: start, into: &$0)
        }
        #expect(part == Array(data[3 + start..<3 + end]))
      }
    }
  }

  @Test("tensors without elements and without dimensions are read")
  func emptyAndScalar() throws {
    let header =
      #"{"e":{"dtype":"F32","shape":[2,0],"data_offsets":[0,0]},"s":{"dtype":"I32","shape":[],"data_offsets":[0,4]},"z":{"dtype":"U8","shape":[0],"data_offsets":[4,4]}}"#
    let folder = try TemporaryFolder()
    let source = try SafetensorsSource(
      folder.write(safetensors(header, [1, 2, 3, 4]), to: "x.safetensors"))
    #expect(source.tensors.map(\.name) == ["e", "s", "z"])
    #expect(try source.tensors.map { try source.bytes(of: $0) } == [[], [1, 2, 3, 4], []])
    #expect(source.tensors[1].shape.rank == 0 && source.tensors[1].shape.elementCount == 1)
  }

  @Test("a header that is padded with spaces is read")
  func padded() throws {
    let header =
      #"{"t":{"dtype":"U8","shape":[2],"data_offsets":[0,2]}}"# + String(repeating: " ", count: 75)
    let folder = try TemporaryFolder()
    let source = try SafetensorsSource(
      folder.write(safetensors(header, [8, 9]), to: "x.safetensors"))
    #expect(try source.bytes(of: source.tensors[0]) == [8, 9])
    #expect(source.files == [SourceFile(name: "x.safetensors", bytes: 8 + header.utf8.count + 2)])
    #expect(source.storedBytes(of: source.tensors[0]) == 2)
  }

  @Test(
    "a range outside the tensor is refused and reads no neighbour",
    arguments: [
      (0, 3, "bytes 0..<3 were asked of “t”, which has 2"),
      (2, 1, "bytes 2..<3 were asked of “t”, which has 2"),
      (3, 0, "bytes 3..<3 were asked of “t”, which has 2"),
      (-1, 1, "bytes -1..<0 were asked of “t”, which has 2"),
      (
        Int.max, 1,
        "bytes 9223372036854775807..<-9223372036854775808 were asked of “t”, which has 2"
      ),
    ])
  func ranges(_ offset: Int, _ count: Int, _ text: String) throws {
    let header =
      #"{"t":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},"u":{"dtype":"U8","shape":[2],"data_offsets":[2,4]}}"#
    let folder = try TemporaryFolder()
    let source = try SafetensorsSource(
      folder.write(safetensors(header, [1, 2, 3, 4]), to: "x.safetensors"))
    #expect(
      message {
        _ = try [UInt8](count: count) {
          try source.read(source.tensors[0], from: offset, into: &$0)
        }
      } == text)
  }

  @Test("a tensor of another file is refused by its name")
  func otherTensor() throws {
    let folder = try TemporaryFolder()
    let source = try SafetensorsSource(folder.write(safetensors("{}"), to: "x.safetensors"))
    let other = try TensorDescriptor(name: "other", type: .uint8, dimensions: [0])
    #expect(message { _ = try source.bytes(of: other) } == "there is no tensor “other”")
  }

  @Test("a file that was cut after it was opened is an error")
  func cut() throws {
    let folder = try TemporaryFolder()
    let header = #"{"t":{"dtype":"U8","shape":[4],"data_offsets":[0,4]}}"#
    let file = safetensors(header, [1, 2, 3, 4])
    let source = try SafetensorsSource(folder.write(file, to: "x.safetensors"))
    try cutFile(folder.file("x.safetensors"), to: file.count - 1)
    #expect(
      message { _ = try source.bytes(of: source.tensors[0]) }
        == "the file ends early: 4 bytes at offset \(file.count - 4) were expected, but it has \(file.count - 1) bytes"
    )
  }

  @Test("an architecture in the metadata is the embedded configuration")
  func architecture() throws {
    let folder = try TemporaryFolder()
    let header = #"{"__metadata__":{"hymba.architecture":"{\"a\":1}"}}"#
    let source = try SafetensorsSource(folder.write(safetensors(header), to: "x.safetensors"))
    #expect(
      source.embeddedConfiguration
        == ConfigurationDocument(origin: "the metadata of x.safetensors", text: #"{"a":1}"#))
    #expect(
      try SafetensorsSource(folder.write(safetensors("{}"), to: "y.safetensors"))
        .embeddedConfiguration == nil)
  }
}
