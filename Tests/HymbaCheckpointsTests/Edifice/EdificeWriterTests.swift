import HymbaFormat
import Synchronization
import TestSupport
import Testing

@testable import HymbaCheckpoints

@Suite("Writing .nx files")
struct EdificeWriterTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func spec(_ source: EdificeSource) throws -> EdificeSpecification? {
    try source.embeddedConfiguration.map {
      EdificeSpecification(
        configuration: try JSONValue(parsing: Array($0.text.utf8)), metadata: source.metadata,
        now: "2026-01-01T00:00:00Z")
    }
  }

  /// The terms of a file: metadata and tree, decoded by the reader that knows nothing of writing.
  private func terms(_ path: String) throws -> (metadata: Term?, tree: Term) {
    let bytes = try InputFile.contents(of: path, limit: 1 << 22)
    func length(_ range: Range<Int>) -> Int { bytes[range].reduce(0) { $0 << 8 | Int($1) } }
    func term(_ range: Range<Int>) throws -> Term {
      var reader = try TermReader(Array(bytes[range]), at: .file(range.lowerBound))
      let term = try Term(from: &reader)
      try reader.finish()
      return term
    }
    let start = 5 + length(1..<5)
    let end = start + 12 + length(start + 4..<start + 12)
    #expect(Array(bytes[start..<start + 4]) == Array("nx".utf8) + [1, 0])
    return (start > 5 ? try term(5..<start) : nil, try term(start + 12..<end))
  }

  /// A tree as nested maps, tensors without their places, which depend on the order of the keys.
  private func unordered(_ node: Term) throws -> Term {
    guard case .tuple(let parts) = node else { throw FormatError.notFound }
    guard parts.count == 3, case .list(let pairs) = parts[1] else {
      return .tuple(Array(parts.prefix(5)) + [parts[6]])
    }
    var members: [Term: Term] = [parts[0]: parts[2]]
    for pair in pairs {
      guard case .tuple(let pair) = pair else { throw FormatError.notFound }
      members[pair[0]] = try unordered(pair[1])
    }
    return .map(members)
  }

  @Test("tree, tensors and spec are the original's", arguments: EdificeFixture.all)
  func roundTrip(_ fixture: EdificeFixture) throws {
    let original = try EdificeSource(fixture.path)
    let path = folder.file("out.nx")
    try EdificeWriter.write(original, to: path, replace: false, spec: spec(original), jobs: 2)
    let written = try EdificeSource(path)
    #expect(Set(written.tensors) == Set(original.tensors))
    for tensor in original.tensors {
      #expect(try written.bytes(of: tensor) == original.bytes(of: tensor), "\(tensor.name)")
    }
    #expect(written.embeddedConfiguration?.text == original.embeddedConfiguration?.text)
    // The tree itself, which a compressed file does not show without inflating.
    let plain = Fixture.path(fixture.set, "model.nx")
    #expect(try unordered(terms(path).tree) == unordered(terms(plain).tree))
  }

  @Test("the spec keeps the versions, the time and the owner of the original")
  func specification() throws {
    let original = try EdificeSource(EdificeFixture.stored.path)
    let path = folder.file("out.nx")
    try EdificeWriter.write(original, to: path, replace: false, spec: spec(original), jobs: 1)
    let key = Term.binary(Array("__edifice_spec__".utf8))
    guard case .map(let theirs)? = try terms(EdificeFixture.stored.path).metadata,
      case .map(var expected)? = theirs[key],
      case .list(let options)? = expected[.atom("build_opts")],
      case .map(let ours)? = try terms(path).metadata, case .map(var found)? = ours[key],
      case .list(let written)? = found[.atom("build_opts")]
    else { throw FormatError.notFound }
    #expect(Set(written) == Set(options) && written.count == options.count)
    expected[.atom("build_opts")] = nil
    found[.atom("build_opts")] = nil
    #expect(found == expected)
    #expect(ours.count == 1)
  }

  @Test("other entries of the metadata come back as texts, beside the spec and without one")
  func otherMetadata() throws {
    let memory = try MemorySource([.init("a.b", .uint8, [1], [1])])
    let spec = EdificeSpecification(
      configuration: try JSONValue(parsing: Array(#"{"arch":"hymba","build_opts":{}}"#.utf8)),
      metadata: [:], now: "now")
    for spec in [spec, nil] {
      let path = folder.file("out.nx")
      // What a file says under the spec's key is read as the spec.
      try EdificeWriter.write(
        memory, to: path, replace: true, spec: spec,
        metadata: [
          "epoch": "3", "note": "é", "created_at": "then", "__edifice_spec__": "no spec",
        ], jobs: 1)
      let written = try EdificeSource(path)
      #expect(written.metadata["epoch"] == "3" && written.metadata["note"] == "é")
      #expect(written.metadata["created_at"] == (spec == nil ? "then" : "now"))
      #expect((written.embeddedConfiguration != nil) == (spec != nil))
      guard case .map(let members)? = try terms(path).metadata else { throw FormatError.notFound }
      #expect(members[.text("epoch")] == .text("3"))
      #expect(members.count == 3)
    }
    try EdificeWriter.write(
      memory, to: folder.file("bare.nx"), replace: false, spec: nil, jobs: 1)
    #expect(try terms(folder.file("bare.nx")).metadata == nil)
  }

  @Test("metadata that no reader accepts is not written")
  func largeMetadata() throws {
    let memory = try MemorySource([.init("a.b", .uint8, [1], [1])])
    #expect {
      try EdificeWriter.write(
        memory, to: folder.file("x.nx"), replace: false, spec: nil,
        metadata: ["a": String(repeating: "x", count: 64 << 20)], jobs: 1)
    } throws: {
      // 131, the map and its size, and two texts with tag and size.
      "\($0)"
        == "the metadata takes \(64 << 20 + 17) bytes, and at most 67108864 are accepted in an .nx file; export to safetensors"
    }
    #expect(try folder.entries == [])
  }

  @Test("options are atoms, numbers and lists again, a dropout of 0 a float")
  func options() throws {
    let spec = EdificeSpecification(
      configuration: try JSONValue(
        parsing: Array(
          #"{"arch":"hymba","build_opts":{"dropout":0,"rope":true,"norm":"rms","x":null,"y":[1,0.5]}}"#
            .utf8)),
      metadata: ["external": "true"], now: "now")
    guard case .map(let fields) = try spec.term() else { throw FormatError.notFound }
    #expect(
      fields[.atom("build_opts")]
        == .list([
          .tuple([.atom("dropout"), .float(0)]), .tuple([.atom("norm"), .atom("rms")]),
          .tuple([.atom("rope"), .atom("true")]), .tuple([.atom("x"), .atom("nil")]),
          .tuple([.atom("y"), .list([.integer(1), .float(0.5)])]),
        ]))
    #expect(fields[.atom("external")] == .atom("true"))
    for (text, message) in [
      ("{}", "the spec of the .nx file cannot be written: it has no “arch”"),
      (
        #"{"arch":"hymba"}"#, "the spec of the .nx file cannot be written: it has no “build_opts”"
      ),
    ] {
      let spec = EdificeSpecification(
        configuration: try JSONValue(parsing: Array(text.utf8)), metadata: [:], now: "now")
      #expect { try spec.term() } throws: { "\($0)" == message }
    }
  }

  @Test("terms are written as Erlang writes them")
  func terms() {
    let numbers = [
      0, 255, 256, -1, Int(Int32.max), Int(Int32.min), 1 << 40, -(1 << 40), .max, .min,
    ]
    for number in numbers where number != .min {
      #expect(Term.integer(number).external == [131] + Erlang.integer(number), "\(number)")
    }
    #expect(
      Term.integer(.min).external == [131, 110, 8, 1, 0, 0, 0, 0, 0, 0, 0, 0x80])
    let nested = Term.map([
      .atom("b"): .list([.float(0.5), .list([]), .text("é")]), .atom("a"): .tuple([]),
    ])
    #expect(
      nested.external
        == [131]
        + Erlang.map([
          (Erlang.atom("a"), Erlang.tuple([])),
          (
            Erlang.atom("b"),
            Erlang.list(Erlang.float(0.5), Erlang.emptyList, Erlang.binary("é"))
          ),
        ]))
    let long = Term.tuple([Term](repeating: .integer(1), count: 256)).external
    #expect(Array(long.prefix(6)) == [131, 105, 0, 0, 1, 0] && long.count == 6 + 2 * 256)
  }

  @Test("every element type that both know comes back, scalars and empty tensors too")
  func types() throws {
    let entries = try ElementType.allCases.filter { $0 != .bool && !$0.isOpaque }.flatMap { type in
      try [[], [0, 3], [2]].enumerated().map { index, shape in
        let count = try Shape(shape).elementCount * type.byteSize
        return MemorySource.Entry(
          "\(type.rawValue).p\(index)", type, shape, (0..<count).map { UInt8($0 + index) })
      }
    }
    let memory = try MemorySource(entries)
    let path = folder.file("types.nx")
    try EdificeWriter.write(memory, to: path, replace: false, spec: nil, jobs: 1)
    let written = try EdificeSource(path)
    #expect(Set(written.tensors) == Set(memory.tensors))
    for entry in entries {
      #expect(try written.bytes(of: try #require(written.tensors[entry.name])) == entry.bytes)
    }
  }

  private static let refusals: [(MemorySource.Entry, String)] = [
    (
      .init("a.b", .float8E8M0, [1], [1]),
      "the tensor “a.b” has the element type F8_E8M0, which an .nx file cannot hold; export to safetensors"
    ),
    (
      .init("a.b\u{7F}", .uint8, [1], [1]),
      "the tensor name “a.b\\u{7f}” has control characters, which no .nx file may have; export to safetensors"
    ),
    (
      .init("a/b.c", .uint8, [1], [1]),
      "the tensor name “a/b.c” could be taken for a path, which no .nx file may have; export to safetensors"
    ),
    (
      .init("a.b", .bool, [1], [1]),
      "the tensor “a.b” has the element type BOOL, which an .nx file cannot hold; export to safetensors"
    ),
    (
      .init("weight", .uint8, [1], [1]),
      "the tensor “weight” has no place in an .nx file, whose tensors are named LAYER.PARAMETER with one dot; export to safetensors"
    ),
    (
      .init("a.b.c", .uint8, [1], [1]),
      "the tensor “a.b.c” has no place in an .nx file, whose tensors are named LAYER.PARAMETER with one dot; export to safetensors"
    ),
  ]

  @Test("what the format cannot hold is named, and nothing is written", arguments: refusals.indices)
  func refusal(_ index: Int) throws {
    let (entry, message) = Self.refusals[index]
    let memory = try MemorySource([entry])
    #expect {
      try EdificeWriter.write(
        memory, to: folder.file("x.nx"), replace: false, spec: nil, jobs: 1)
    } throws: {
      "\($0)" == message && ($0 as? EdificeWritingError)?.kind == .wrong
    }
    #expect(try folder.entries == [])
  }

  @Test("a source that changes while it is written leaves no file, unless nobody looks")
  func changing() throws {
    let source = try ChangingSource()
    #expect {
      try EdificeWriter.write(source, to: folder.file("x.nx"), replace: false, spec: nil, jobs: 1)
    } throws: {
      $0 as? FormatError == .writtenDiffers(tensor: "a.b")
    }
    #expect(try folder.entries == [])
    try EdificeWriter.write(
      try ChangingSource(), to: folder.file("x.nx"), replace: false, spec: nil, jobs: 1,
      verifies: false)
    let written = try EdificeSource(folder.file("x.nx"))
    #expect(try written.bytes(of: written.tensors[0]) == [1])
  }

  /// One tensor of one byte, which counts how often it was read.
  private final class ChangingSource: CheckpointSource {
    let location = "changing"
    let tensors: TensorTable
    let files: [SourceFile] = []
    private let reads = Mutex<UInt8>(0)

    init() throws {
      tensors = try TensorTable([TensorDescriptor(name: "a.b", type: .uint8, dimensions: [1])])
    }

    func read(
      _ tensor: TensorDescriptor, from offset: Int, into buffer: inout MutableRawSpan
    ) throws {
      let value = reads.withLock { reads in
        reads += 1
        return reads
      }
      buffer.storeBytes(of: value, toByteOffset: 0, as: UInt8.self)
    }
  }

  @Test("what is found out at the end leaves no file, and an existing one is kept")
  func conclusion() throws {
    let memory = try MemorySource([.init("a.b", .uint8, [1], [1])])
    #expect(throws: FormatError.notFound) {
      try EdificeWriter.write(
        memory, to: folder.file("x.nx"), replace: false, spec: nil, jobs: 1,
        conclude: { throw FormatError.notFound })
    }
    #expect(try folder.entries == [])
    try folder.write("kept", to: "x.nx")
    #expect(throws: FormatError.outputExists) {
      try EdificeWriter.write(
        memory, to: folder.file("x.nx"), replace: false, spec: nil, jobs: 1)
    }
    #expect(try folder.read("x.nx") == Array("kept".utf8))
  }
}
