import HymbaFormat
import TestSupport
import Testing

/// The line of a tensor without elements.
private let emptyEntry = #"{"dtype":"F32","shape":[0],"data_offsets":[0,0]}"#

@Suite("Safetensors header")
struct SafetensorsHeaderTests {
  @Test("tensors are in the order of their data, whatever the order of the header")
  func order() throws {
    let header = try SafetensorsHeader(
      text: Array(
        #"""
        {"z":{"dtype":"F32","shape":[2],"data_offsets":[4,12]},"__metadata__":{"k":"v","é":""},
         "a":{"data_offsets":[0,4],"shape":[2,2],"dtype":"BOOL"},"e":{"dtype":"I64","shape":[0,7],"data_offsets":[4,4]}}
        """#.utf8), dataBytes: 12)
    #expect(header.tensors.map(\.name) == ["a", "e", "z"])
    #expect(header.offsets == [0, 4, 4].map { header.dataOffset + $0 })
    #expect(header.metadata == ["k": "v", "é": ""])
    #expect(
      header.tensors[0] == (try TensorDescriptor(name: "a", type: .bool, dimensions: [2, 2])))
    #expect(header.tensors[1].byteCount == 0 && header.tensors[2].type == .float32)
  }

  @Test(
    "a header without tensors is one", arguments: ["{}", "{}   ", "{ }\n", #"{"__metadata__":{}}"#])
  func empty(_ text: String) throws {
    let header = try SafetensorsHeader(text: Array(text.utf8), dataBytes: 0)
    #expect(header.tensors.isEmpty && header.dataOffset == 8 + text.utf8.count)
  }

  @Test("every element type is read under its name", arguments: ElementType.known)
  func elementTypes(_ type: ElementType) throws {
    let size = try #require(ReferencePlanes.width[type])
    let text = "{\"t\":{\"dtype\":\"\(type.rawValue)\",\"shape\":[],\"data_offsets\":[0,\(size)]}}"
    #expect(try SafetensorsHeader(text: Array(text.utf8), dataBytes: size).tensors[0].type == type)
  }

  @Test(
    "metadata that are null are none, as for the format's own reader",
    arguments: [#"{"__metadata__":null}"#, #"{"__metadata__": null , "t":\#(emptyEntry)}"#])
  func nullMetadata(_ text: String) throws {
    #expect(try SafetensorsHeader(text: Array(text.utf8), dataBytes: 0).metadata.isEmpty)
  }

  @Test("names and metadata keys that differ only in their Unicode form are two")
  func equivalentNames() throws {
    let (composed, decomposed) = ("\u{E9}", "e\u{301}")
    let text =
      "{\"__metadata__\":{\"\(composed)\":\"1\",\"\(decomposed)\":\"2\"},\"\(composed)\":\(emptyEntry),\"\(decomposed)\":\(emptyEntry)}"
    let header = try SafetensorsHeader(text: Array(text.utf8), dataBytes: 0)
    #expect(header.tensors.count == 2)
    #expect(header.tensors[decomposed]?.name.utf8.count == 3)
    #expect(header.metadata.count == 2 && header.metadata[decomposed] == "2")
  }

  @Test("a shape may have 32 dimensions")
  func rank() throws {
    let shape = [String](repeating: "1", count: 32).joined(separator: ",")
    let text = "{\"t\":{\"dtype\":\"U8\",\"shape\":[\(shape)],\"data_offsets\":[0,1]}}"
    #expect(try SafetensorsHeader(text: Array(text.utf8), dataBytes: 1).tensors[0].shape.rank == 32)
  }
}

@Suite("Safetensors header: what is refused")
struct SafetensorsRejectionTests {
  @Test(
    "a file whose length field is wrong is refused",
    arguments: [
      ([], "not a safetensors file: it has 0 bytes, and the header's length alone takes 8"),
      (
        [2, 0, 0, 0, 0, 0, 0],
        "not a safetensors file: it has 7 bytes, and the header's length alone takes 8"
      ),
      ([0, 0, 0, 0, 0, 0, 0, 0], "not a safetensors file: its header does not start with “{”"),
      (
        [3, 0, 0, 0, 0, 0, 0, 0, 0x7B, 0x7D],
        "declares a header of 3 bytes, but the file has 10"
      ),
      (
        [0x00, 0xE1, 0xF5, 0x05, 0, 0, 0, 0, 0x7B, 0x7D],
        "declares a header of 100000000 bytes, but the file has 10"
      ),
      (
        [0x01, 0xE1, 0xF5, 0x05, 0, 0, 0, 0, 0x7B, 0x7D],
        "declares a header of 100000001 bytes; the format allows 100000000"
      ),
      (
        [UInt8](repeating: 0xFF, count: 8),
        "declares a header of 18446744073709551615 bytes; the format allows 100000000"
      ),
      (
        [0, 0, 0, 0, 0, 0, 0, 0x80],
        "declares a header of 9223372036854775808 bytes; the format allows 100000000"
      ),
    ] as [([UInt8], String)])
  func lengthField(_ bytes: [UInt8], _ text: String) throws {
    let folder = try TemporaryFolder()
    let path = try folder.write(bytes, to: "x.safetensors")
    #expect(message { _ = try SafetensorsSource(path) } == text)
  }

  @Test("a header that is not UTF-8 is refused with the place")
  func notUTF8() {
    let text = Array("{\"__metadata__\":{\"k\":\"".utf8) + [0xC3, 0x28] + Array("\"}}".utf8)
    #expect(
      message { _ = try SafetensorsHeader(text: text, dataBytes: 0) }
        == "the header is not UTF-8 at byte 22")
  }

  struct Case: CustomTestStringConvertible {
    var testDescription: String
    var header: String
    var dataBytes = 4
    var text: String

    init(_ testDescription: String, _ header: String, dataBytes: Int = 4, _ text: String) {
      self.testDescription = testDescription
      self.header = header
      self.dataBytes = dataBytes
      self.text = text
    }

    /// One tensor `t`.
    static func tensor(
      _ testDescription: String, dtype: String = #""U8""#, shape: String = "[4]",
      offsets: String = "[0,4]",
      dataBytes: Int = 4, _ text: String
    ) -> Case {
      Case(
        testDescription, #"{"t":{"dtype":\#(dtype),"shape":\#(shape),"data_offsets":\#(offsets)}}"#,
        dataBytes: dataBytes, text)
    }

    /// Tensors of one byte per element, at these offsets.
    static func tensors(
      _ testDescription: String, _ offsets: [(Int, Int)], dataBytes: Int, _ text: String
    ) -> Case {
      let lines = offsets.enumerated().map { position, range in
        #""t\#(position)":{"dtype":"U8","shape":[\#(range.1 - range.0)],"data_offsets":[\#(range.0),\#(range.1)]}"#
      }
      return Case(
        testDescription, "{" + lines.joined(separator: ",") + "}", dataBytes: dataBytes, text)
    }
  }

  static let structure: [Case] = [
    Case(
      "white space in front", " {}", "not a safetensors file: its header does not start with “{”"),
    Case("a list", "[]", "not a safetensors file: its header does not start with “{”"),
    Case(
      "text behind the object", "{}x",
      "not a safetensors file: text after the end at byte 2 of its header"),
    Case(
      "a zero behind the object", "{}\0",
      "not a safetensors file: text after the end at byte 2 of its header"),
    Case(
      "cut short", "{\"t\":", "not a safetensors file: the text ends early at byte 5 of its header"),
    Case(
      "a name twice",
      #"{"t":{"dtype":"U8","shape":[4],"data_offsets":[0,4]},"t":{"dtype":"U8","shape":[0],"data_offsets":[4,4]}}"#,
      "not a safetensors file: the key “t” is given twice at byte 53 of its header"),
    Case(
      "metadata twice", #"{"__metadata__":{},"__metadata__":{}}"#,
      "not a safetensors file: the key “__metadata__” is given twice at byte 19 of its header"),
    Case(
      "a metadata key twice", #"{"__metadata__":{"a":"","a":""}}"#,
      "not a safetensors file: the key “a” is given twice at byte 24 of its header"),
    Case(
      "a metadata value that is no string", #"{"__metadata__":{"a":1}}"#,
      "not a safetensors file: expected a string at byte 21 of its header"),
    Case(
      "metadata that are no object", #"{"__metadata__":"a"}"#,
      "not a safetensors file: expected an object at byte 16 of its header"),
    Case(
      "an entry that is no object", #"{"t":[0,4]}"#,
      "not a safetensors file: expected an object at byte 5 of its header"),
    Case(
      "an unknown field", #"{"t":{"dtype":"U8","shape":[4],"data_offsets":[0,4],"x":1}}"#,
      "not a safetensors file: expected only dtype, shape and data_offsets at byte 56 of its header"
    ),
    Case(
      "no dtype", #"{"t":{"shape":[4],"data_offsets":[0,4]}}"#,
      "the tensor “t” has no valid “dtype” in the header"),
    Case(
      "no shape", #"{"t":{"dtype":"U8","data_offsets":[0,4]}}"#,
      "the tensor “t” has no valid “shape” in the header"),
    Case(
      "no data_offsets", #"{"t":{"dtype":"U8","shape":[4]}}"#,
      "the tensor “t” has no valid “data_offsets” in the header"),
    Case(
      "no name", #"{"":{"dtype":"U8","shape":[4],"data_offsets":[0,4]}}"#,
      "the tensor name “” is empty"),
    Case(
      "a name of 4097 bytes",
      "{\"" + String(repeating: "n", count: 4097)
        + #"":{"dtype":"U8","shape":[4],"data_offsets":[0,4]}}"#,
      "the tensor name “" + String(repeating: "n", count: 32) + "…” is longer than 4096 bytes"),
  ]

  static let fields: [Case] =
    ["C128", "F8_E6M2", "bf16", "float32", ""].map {
      .tensor(
        "dtype \($0)", dtype: "\"\($0)\"",
        "the tensor “t” has the element type “\($0)”, which is not supported")
    } + [
      .tensor(
        "elements of less than a byte that do not fill their bytes", dtype: "\"F4\"", shape: "[7]",
        "the shape [7] of the tensor “t” has 28 bits as F4, which are no whole bytes"),
      .tensor(
        "bits that overflow", dtype: "\"F6_E2M3\"", shape: "[2305843009213693952]",
        "the shape [2305843009213693952] of the tensor “t” has more bytes than 63 bits count"),
      .tensor(
        "a dtype that is no string", dtype: "8",
        "not a safetensors file: expected a string at byte 14 of its header"),
      .tensor(
        "a shape that is no list", shape: "4",
        "not a safetensors file: expected an array at byte 27 of its header"),
      .tensor(
        "a fraction in the shape", shape: "[4.0]",
        "not a safetensors file: expected a whole number of at most 63 bits at byte 28 of its header"
      ),
      .tensor(
        "a dimension beyond 63 bits", shape: "[9223372036854775808]",
        "not a safetensors file: expected a whole number of at most 63 bits at byte 28 of its header"
      ),
      .tensor(
        "a negative dimension", shape: "[-4]",
        "the shape [-4] of the tensor “t” has a negative dimension"),
      .tensor(
        "two negative dimensions", shape: "[-2,-2]",
        "the shape [-2, -2] of the tensor “t” has a negative dimension"),
      .tensor(
        "dimensions that overflow to 0", shape: "[4294967296,4294967296]", offsets: "[0,0]",
        dataBytes: 0,
        "the shape [4294967296, 4294967296] of the tensor “t” has more elements than 63 bits count"),
      .tensor(
        "dimensions that overflow to 4", shape: "[4611686018427387905,4]",
        "the shape [4611686018427387905, 4] of the tensor “t” has more elements than 63 bits count"),
      .tensor(
        "bytes that overflow to 0", dtype: #""F64""#, shape: "[2305843009213693952]",
        offsets: "[0,0]", dataBytes: 0,
        "the shape [2305843009213693952] of the tensor “t” has more bytes than 63 bits count"),
      .tensor(
        "33 dimensions",
        shape: "[" + [String](repeating: "1", count: 33).joined(separator: ",") + "]",
        "the shape [1, 1, 1, 1, 1, 1, 1, 1, …] of the tensor “t” has more than 32 dimensions"),
      .tensor(
        "10000 dimensions, of which the message shows 8",
        shape: "[" + [String](repeating: "1", count: 10_000).joined(separator: ",") + "]",
        "the shape [1, 1, 1, 1, 1, 1, 1, 1, …] of the tensor “t” has more than 32 dimensions"),
      .tensor(
        "one offset", offsets: "[0]", "the tensor “t” has no valid “data_offsets” in the header"),
      .tensor(
        "three offsets", offsets: "[0,4,4]",
        "the tensor “t” has no valid “data_offsets” in the header"),
      .tensor(
        "reversed offsets", offsets: "[4,0]", "the tensor “t” ends at 0, before it begins at 4"),
      .tensor(
        "a negative offset", offsets: "[-4,0]", "the tensor “t” begins at -4, before the data"),
      .tensor(
        "offsets whose distance overflows", offsets: "[-9223372036854775808,9223372036854775807]",
        "the tensor “t” begins at -9223372036854775808, before the data"),
      .tensor(
        "fewer bytes than the shape needs", shape: "[5]",
        "the tensor “t” has 4 bytes, but U8 [5] needs 5"),
      .tensor(
        "more bytes than the shape needs", dtype: #""F16""#, shape: "[1,1]",
        "the tensor “t” has 4 bytes, but F16 [1, 1] needs 2"),
      .tensor(
        "a tensor that claims all bytes there can be", shape: "[9223372036854775807]",
        offsets: "[0,9223372036854775807]",
        "the tensor “t” ends at byte 9223372036854775807 of the data, but the file holds 4"),
    ]

  static let coverage: [Case] = [
    .tensors(
      "a hole in front", [(1, 4)], dataBytes: 4,
      "bytes 0..<1 before the tensor “t0” belong to no tensor"),
    .tensors(
      "a hole between", [(0, 2), (3, 4)], dataBytes: 4,
      "bytes 2..<3 before the tensor “t1” belong to no tensor"),
    .tensors(
      "an overlap", [(0, 3), (2, 4)], dataBytes: 4,
      "the tensor “t1” begins at 2, inside the tensor before it, which ends at 3"),
    .tensors(
      "the same bytes twice", [(0, 4), (0, 4)], dataBytes: 4,
      "the tensor “t1” begins at 0, inside the tensor before it, which ends at 4"),
    .tensors(
      "a tensor inside another", [(0, 4), (1, 2)], dataBytes: 4,
      "the tensor “t1” begins at 1, inside the tensor before it, which ends at 4"),
    .tensors(
      "an empty tensor inside another", [(0, 4), (2, 2)], dataBytes: 4,
      "the tensor “t1” begins at 2, inside the tensor before it, which ends at 4"),
    .tensors(
      "an empty tensor beyond the data", [(0, 4), (5, 5)], dataBytes: 4,
      "bytes 4..<5 before the tensor “t1” belong to no tensor"),
    .tensors(
      "beyond the file", [(0, 2), (2, 5)], dataBytes: 4,
      "the tensor “t1” ends at byte 5 of the data, but the file holds 4"),
    .tensors(
      "bytes behind the last tensor", [(0, 3)], dataBytes: 4,
      "1 bytes at the end of the file belong to no tensor"),
    Case(
      "bytes and no tensor", "{}", dataBytes: 1,
      "1 bytes at the end of the file belong to no tensor"),
  ]

  @Test(
    "a header that breaks a rule is refused in one sentence",
    arguments: structure + fields + coverage)
  func refused(_ refused: Case) {
    #expect(
      message {
        _ = try SafetensorsHeader(text: Array(refused.header.utf8), dataBytes: refused.dataBytes)
      }
        == refused.text)
  }

  @Test(
    "a header cut anywhere is an error",
    arguments: [#"{"__metadata__":{"a":"b"},"t":{"dtype":"U8","shape":[4],"data_offsets":[0,4]}}"#])
  func cut(_ text: String) {
    let bytes = Array(text.utf8)
    for length in 0..<bytes.count {
      #expect(
        message { _ = try SafetensorsHeader(text: Array(bytes[..<length]), dataBytes: 4) } != nil)
    }
    #expect(message { _ = try SafetensorsHeader(text: bytes, dataBytes: 4) } == nil)
  }
}
