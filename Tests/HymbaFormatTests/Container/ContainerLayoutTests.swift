import TestSupport
import Testing

@testable import HymbaFormat

@Suite("Container: layout of the file")
struct ContainerLayoutTests {
  private static let entries: [MemorySource.Entry] = [
    .init("z.bool", .bool, [3], [1, 0, 1]), .init("y.f64", .float64, [1], Random.bytes(8)),
    .init("b.half", .float16, [3], Random.bytes(6)),
    .init("B.half", .bfloat16, [1], Random.bytes(2)),
    .init("i32", .int32, [3], Random.bytes(12)),
    .init("large.2", .float32, [300], Random.bytes(1200)),
    .init("large.1", .uint8, [1100], Random.bytes(1100)),
    .init("scalar", .int64, [], Random.bytes(8, seed: 2)),
    .init("large.10", .bfloat16, [600], Random.bytes(1200, seed: 3)),
  ]

  /// The entries of the header in the order of its text, with where each begins.
  private static func entryNames(_ file: [UInt8]) throws -> [String] {
    var reader = try JSONReader(Array(headerText(file).utf8))
    var names: [String] = []
    try reader.readObject { reader, name throws(FormatError) in
      names.append(name)
      try reader.skipValue()
    }
    return names
  }

  @Test("raw tensors come by element size, then name; then sections by name; the manifest is last")
  func order() throws {
    let folder = try TemporaryFolder()
    let path = try folder.container("c.hymba", .zstd, Self.entries)
    let expected = [
      "scalar", "y.f64", "i32", "B.half", "b.half", "z.bool", "large.1@zstd", "large.10@zstd",
      "large.2@zstd",
      "hymba.manifest",
    ]
    let file = try folder.read("c.hymba")
    #expect(try Self.entryNames(file) == ["__metadata__"] + expected)
    let header = try SafetensorsHeader(reading: InputFile(path))
    #expect(header.tensors.map(\.name) == expected, "the order of the header is that of the buffer")
  }

  @Test(
    "names and metadata keys are sorted by their bytes, not by their characters",
    arguments: ContainerWriter.Compression.allCases)
  func byteOrder(_ compression: ContainerWriter.Compression) throws {
    let folder = try TemporaryFolder()
    // By characters, é comes behind f in whatever form it is written.
    let names = ["e", "e\u{301}", "f", "\u{E9}x"]
    let entries = names.enumerated().reversed().map {
      MemorySource.Entry($1, .uint8, [1100], Random.bytes(1100, seed: UInt64($0)))
    }
    let metadata = NameTable(names.map { (key: $0, value: "") })
    let source = try ContainerSource(
      folder.container("c", compression, entries, metadata: metadata))
    #expect(source.tensors.map { Array($0.name.utf8) } == names.map { Array($0.utf8) })
    let file = try folder.read("c")
    let manifest = String(
      decoding: file[(source.storedRanges.last?.upperBound ?? 0)...], as: UTF8.self)
    #expect(
      manifest.utf8.firstRange(
        of: Array(#""metadata":{"e":"","e\#u{301}":"","f":"","\#u{E9}x":""}"#.utf8)) != nil)
    let text = headerText(file)
    let places = names.map { text.utf8.firstRange(of: Array("\"source.\($0)\"".utf8))?.lowerBound }
    #expect(
      !places.contains(nil) && places.compactMap(\.self) == places.compactMap(\.self).sorted())
  }

  @Test(
    "without compression every tensor is under its own name, and a plain safetensors reader gets it"
  )
  func plainSafetensors() throws {
    let folder = try TemporaryFolder()
    let path = try folder.container("c.hymba", .none, Self.entries)
    let plain = try SafetensorsSource(path)
    let memory = try MemorySource(Self.entries)
    for tensor in memory.tensors {
      #expect(plain.tensors[tensor.name] == tensor)
      #expect(try plain.bytes(of: tensor) == memory.bytes(of: tensor))
    }
    #expect(plain.tensors.count == memory.tensors.count + 1)
  }

  @Test(
    "the buffer begins at a multiple of 64, raw tensors at multiples of their element, sections end at ones of 64",
    arguments: ContainerWriter.Compression.allCases, [1, 20, 41, 63])
  func alignment(_ compression: ContainerWriter.Compression, _ nameLength: Int) throws {
    let folder = try TemporaryFolder()
    let extra = MemorySource.Entry(String(repeating: "n", count: nameLength), .uint8, [1], [1])
    let path = try folder.container("c.hymba", compression, Self.entries + [extra])
    let header = try SafetensorsHeader(reading: InputFile(path))
    #expect(header.dataOffset % 64 == 0)
    for (tensor, offset) in zip(header.tensors, header.offsets) {
      #expect(offset % tensor.type.byteSize == 0)
      if tensor.name.hasSuffix("@zstd") { #expect((offset + tensor.byteCount) % 64 == 0) }
    }
    let last = try #require(header.tensors.last)
    #expect(last.name == "hymba.manifest" && last.type == .uint8 && last.shape.rank == 1)
  }

  @Test("the header is padded with spaces only, and the manifest knows its length")
  func padding() throws {
    let folder = try TemporaryFolder()
    let path = try folder.container("c.hymba", .zstd, Self.entries)
    let file = try folder.read("c.hymba")
    let text = headerText(file)
    let end = try #require(text.lastIndex(of: "}"))
    #expect(text[text.index(after: end)...].allSatisfy { $0 == " " })
    #expect(try ContainerSource(path).manifest.headerLength == text.utf8.count)
  }

  @Test(
    "equal input gives equal bytes, in whatever order it comes and however many threads write it")
  func determinism() throws {
    let folder = try TemporaryFolder()
    let description = CheckpointDescription.verbatim(metadata: ["b": "2", "a": "1"])
    for (name, jobs, entries) in [("x", 1, Self.entries), ("y", 4, Self.entries.reversed())] {
      try ContainerWriter.test(.zstd, jobs: jobs).write(
        MemorySource(entries), description, to: folder.file(name))
    }
    #expect(try folder.read("x") == folder.read("y"))
  }

  @Test(
    "progress adds up to the bytes of the source", arguments: ContainerWriter.Compression.allCases)
  func progress(_ compression: ContainerWriter.Compression) throws {
    let folder = try TemporaryFolder()
    let memory = try MemorySource(Self.entries)
    var done = 0
    try ContainerWriter.test(compression).write(memory, .verbatim(), to: folder.file("x")) {
      done += $0
    }
    // Once while they are written, once while they are compared.
    #expect(done == 2 * memory.tensors.totalBytes)
    let source = try ContainerSource(folder.file("x"))
    var checked = 0
    _ = try source.findDamage(jobs: 2) { checked += $0 }
    #expect(checked == source.storedRanges.reduce(0) { $0 + $1.count })
  }

  @Test(
    "when the source fails, the old file stays and nothing is left beside it",
    arguments: ["i32", "large.2"])
  func failure(_ name: String) throws {
    let folder = try TemporaryFolder()
    try folder.write("old", to: "x")
    let source = FailingSource(base: try MemorySource(Self.entries), failing: name)
    #expect(throws: FailingSource.Failure()) {
      try ContainerWriter.test(.zstd, replace: true).write(
        source, .verbatim(), to: folder.file("x"))
    }
    #expect(try folder.entries == ["x"] && folder.read("x") == Array("old".utf8))
  }

  @Test(
    "an existing file is kept unless it may be replaced, and nothing of the source is read before")
  func existing() throws {
    let folder = try TemporaryFolder()
    try folder.write("old", to: "x")
    let source = FailingSource(base: try MemorySource(Self.entries), failing: "i32")
    #expect(
      message { try ContainerWriter.test(.none).write(source, .verbatim(), to: folder.file("x")) }
        == "exists already")
    try ContainerWriter.test(.none, replace: true).write(
      MemorySource(Self.entries), .verbatim(), to: folder.file("x"))
    #expect(try folder.entries == ["x"])
    #expect(try ContainerSource(folder.file("x")).tensors.count == Self.entries.count)
  }
}
