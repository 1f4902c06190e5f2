import HymbaFormat
import TestSupport
import Testing

@Suite("Safetensors writer")
struct SafetensorsWriterTests {
  static let entries: [MemorySource.Entry] = [
    .init("b", .bool, [3], [1, 0, 1]), .init("z", .bfloat16, [1], [4, 5]),
    .init("a", .bfloat16, [2], [6, 7, 8, 9]),
    .init("s", .float64, [], Random.bytes(8)), .init("e", .int32, [4, 0], []),
    .init("é\"", .float32, [1, 2], Random.bytes(8, seed: 2)),
  ]

  @Test(
    "the file is, byte for byte, what the format's rules give: elements' size, then name; header padded to 8"
  )
  func bytes() throws {
    let folder = try TemporaryFolder()
    try SafetensorsWriter.write(
      MemorySource(Self.entries), to: folder.file("x.safetensors"), replace: false,
      metadata: ["k2": "v\n", "k1": "w"])
    let text =
      #"{"__metadata__":{"k1":"w","k2":"v\u000a"},"s":{"dtype":"F64","shape":[],"data_offsets":[0,8]},"#
      + #""e":{"dtype":"I32","shape":[4,0],"data_offsets":[8,8]},"é\"":{"dtype":"F32","shape":[1,2],"data_offsets":[8,16]},"#
      + #""a":{"dtype":"BF16","shape":[2],"data_offsets":[16,20]},"z":{"dtype":"BF16","shape":[1],"data_offsets":[20,22]},"#
      + #""b":{"dtype":"BOOL","shape":[3],"data_offsets":[22,25]}}"#
    let padding = String(repeating: " ", count: (8 - text.utf8.count % 8) % 8)
    let data = Random.bytes(8) + Random.bytes(8, seed: 2) + [6, 7, 8, 9, 4, 5, 1, 0, 1]
    #expect(try folder.read("x.safetensors") == safetensors(text + padding, data))
    #expect(try folder.entries == ["x.safetensors"])
  }

  @Test("names and metadata keys are sorted by their bytes, not by their characters")
  func byteOrder() throws {
    let folder = try TemporaryFolder()
    // By characters, é comes behind f in whatever form it is written.
    let names = ["e", "e\u{301}", "f", "\u{E9}x"]
    let memory = try MemorySource(names.reversed().map { .init($0, .uint8, [1], [1]) })
    let metadata = NameTable(names.map { (key: $0, value: "") })
    try SafetensorsWriter.write(memory, to: folder.file("x"), replace: false, metadata: metadata)
    let text = headerText(try folder.read("x"))
    let places = (names + names.map { "\($0)\":{" }).map {
      text.utf8.firstRange(of: Array("\"\($0)".utf8))?.lowerBound
    }
    #expect(
      !places.contains(nil) && places.compactMap(\.self) == places.compactMap(\.self).sorted())
  }

  @Test("the data begins at a multiple of 8 for any length of the header", arguments: 1...9)
  func alignment(_ length: Int) throws {
    let folder = try TemporaryFolder()
    let name = String(repeating: "n", count: length)
    try SafetensorsWriter.write(
      MemorySource([.init(name, .uint8, [1], [7])]), to: folder.file("x.safetensors"),
      replace: false)
    let file = try folder.read("x.safetensors")
    #expect(dataOffset(file) % 8 == 0 && file.count == dataOffset(file) + 1)
    #expect(!headerText(file).contains("__metadata__"))
  }

  @Test("the reader gives back every tensor and the metadata")
  func roundTrip() throws {
    let folder = try TemporaryFolder()
    let memory = try MemorySource(Self.entries)
    try SafetensorsWriter.write(
      memory, to: folder.file("x.safetensors"), replace: false, metadata: ["k": "v"])
    let source = try SafetensorsSource(folder.file("x.safetensors"))
    #expect(source.metadata == ["k": "v"] && source.tensors.count == memory.tensors.count)
    for tensor in memory.tensors {
      #expect(source.tensors[tensor.name] == tensor)
      #expect(try source.bytes(of: tensor) == memory.bytes(of: tensor))
    }
  }

  @Test("a tensor larger than the window is written whole, and progress adds up to its bytes")
  func windows() throws {
    let folder = try TemporaryFolder()
    let count = (1 << 20) + 3
    let pattern = Random.bytes(1021)
    let bytes = [UInt8](count: count, repeating: pattern)
    let memory = try MemorySource([.init("large", .uint8, [count], bytes)])
    var steps: [Int] = []
    try SafetensorsWriter.write(memory, to: folder.file("x.safetensors"), replace: false) {
      steps.append($0)
    }
    // Once while it is written, once while it is compared.
    #expect(steps.prefix(2) == [1 << 20, 3] && steps.reduce(0, +) == 2 * count)
    let file = try folder.read("x.safetensors")
    #expect(Array(file[dataOffset(file)...]) == bytes)
  }

  @Test("equal input gives equal bytes, in whatever order it lists its tensors")
  func determinism() throws {
    let folder = try TemporaryFolder()
    try SafetensorsWriter.write(
      MemorySource(Self.entries), to: folder.file("x"), replace: false,
      metadata: ["a": "1", "b": "2"])
    try SafetensorsWriter.write(
      MemorySource(Self.entries.reversed()), to: folder.file("y"), replace: false,
      metadata: ["b": "2", "a": "1"])
    #expect(try folder.read("x") == folder.read("y"))
  }

  @Test("an existing file is kept unless it may be replaced")
  func replacing() throws {
    let folder = try TemporaryFolder()
    try folder.write("old", to: "x")
    let memory = try MemorySource(Self.entries)
    #expect(
      message { try SafetensorsWriter.write(memory, to: folder.file("x"), replace: false) }
        == "exists already")
    #expect(try folder.read("x") == Array("old".utf8))
    try SafetensorsWriter.write(memory, to: folder.file("x"), replace: true)
    #expect(try SafetensorsSource(folder.file("x")).tensors.count == Self.entries.count)
  }

  @Test("when the source fails, the old file stays and nothing is left beside it")
  func failure() throws {
    let folder = try TemporaryFolder()
    try folder.write("old", to: "x")
    let source = FailingSource(base: try MemorySource(Self.entries), failing: "z")
    #expect(throws: FailingSource.Failure()) {
      try SafetensorsWriter.write(source, to: folder.file("x"), replace: true)
    }
    #expect(try folder.entries == ["x"] && folder.read("x") == Array("old".utf8))
  }

  @Test(
    "a tensor named as the format's own key is refused, and one that no container takes",
    arguments: ["__metadata__", "a\u{7F}", "a\n", "a\u{202E}"])
  func reservedName(_ name: String) throws {
    let folder = try TemporaryFolder()
    let memory = try MemorySource([.init(name, .uint8, [1], [7])])
    #expect(throws: FormatError.reservedName(name)) {
      try SafetensorsWriter.write(memory, to: folder.file("x"), replace: false)
    }
    #expect(try folder.entries == [])
  }

  @Test("metadata that no reader accepts are refused before anything is written")
  func unreadableMetadata() throws {
    let folder = try TemporaryFolder()
    let text = "e" + String(repeating: "\u{301}", count: 257)
    #expect(
      message {
        try SafetensorsWriter.write(
          MemorySource([]), to: folder.file("x"), replace: false, metadata: ["note": text])
      }
        == "the metadata “note” has more than 256 combining marks in a row, which no reader accepts"
    )
    #expect(try folder.entries == [])
  }

  @Test("element types that are only kept come back bit for bit", arguments: ElementType.opaque)
  func opaqueTypes(_ type: ElementType) throws {
    let folder = try TemporaryFolder()
    let bytes = Random.bytes(8 * type.bitSize / 8)
    let memory = try MemorySource([
      .init("t", type, [2, 4], bytes), .init("u", .uint8, [1], [7]), .init("v", .int16, [1], [7, 8]),
    ])
    try SafetensorsWriter.write(memory, to: folder.file("x"), replace: false)
    let source = try SafetensorsSource(folder.file("x"))
    #expect(source.tensors.last?.name == (type.isPacked ? "t" : "u"), "by bits, the widest first")
    #expect(try source.bytes(of: #require(source.tensors["t"])) == bytes)
  }
}

extension [UInt8] {
  /// `count` bytes that repeat `pattern`.
  init(count: Int, repeating pattern: [UInt8]) {
    self = []
    reserveCapacity(count + pattern.count)
    while self.count < count { append(contentsOf: pattern) }
    removeLast(self.count - count)
  }
}
