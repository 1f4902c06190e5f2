import HymbaFormat
import TestSupport
import Testing

@Suite("Writing shards")
struct ShardedWriterTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// Tensors of these sizes, named in the order given.
  private func memory(_ sizes: [Int]) throws -> MemorySource {
    try MemorySource(
      sizes.enumerated().map { index, size in
        .init(
          "t\(index)", .uint8, [size],
          [UInt8](repeating: UInt8(truncatingIfNeeded: index), count: size))
      })
  }

  private static let divisions: [(sizes: [Int], limit: Int, shards: [[Int]])] = [
    ([4, 4, 4], 8, [[0, 1], [2]]),
    ([4, 4, 1], 9, [[0, 1, 2]]),
    // A tensor that is larger than a shard has its own, and the one under way goes on behind it.
    ([3, 20, 3, 3], 8, [[1], [0, 2], [3]]),
    ([20, 9], 8, [[0], [1]]),
    ([8, 8, 0], 8, [[0], [1, 2]]),
    ([], 8, [[]]),
  ]

  @Test("tensors fill a shard up to its size", arguments: divisions.indices)
  func division(_ index: Int) throws {
    let (sizes, limit, shards) = Self.divisions[index]
    let writer = try ShardedWriter(memory(sizes), shardBytes: limit, metadata: [:])
    #expect(writer.shards.map { $0.map(\.name) } == shards.map { $0.map { "t\($0)" } })
  }

  @Test("shards and index are named as Hugging Face names them, and read back as one")
  func roundTrip() throws {
    let memory = try memory([4, 4, 4])
    let writer = try ShardedWriter(memory, shardBytes: 8, metadata: ["format": "pt"])
    let output = try OutputFolder(folder.file("out"), replace: false)
    try writer.write(into: output, jobs: 2, progress: { _ in })
    try output.commit()
    #expect(
      try FileSystem.entries(of: folder.file("out")) == [
        "model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors",
        "model.safetensors.index.json",
      ])
    #expect(
      String(decoding: try folder.read("out/model.safetensors.index.json"), as: UTF8.self)
        == #"{"metadata":{"total_size":12},"weight_map":{"t0":"model-00001-of-00002.safetensors","t1":"model-00001-of-00002.safetensors","t2":"model-00002-of-00002.safetensors"}}"#
    )
    let back = try ShardedSource(index: folder.file("out/model.safetensors.index.json"))
    #expect(Set(back.tensors) == Set(memory.tensors))
    for tensor in memory.tensors {
      #expect(try back.bytes(of: tensor) == memory.bytes(of: tensor))
    }
    #expect(back.metadata == ["format": "pt"])
  }

  @Test("what fits in one file is one, without an index")
  func oneFile() throws {
    for limit in [nil, 1000] {
      let writer = try ShardedWriter(memory([4, 4]), shardBytes: limit, metadata: [:])
      #expect(writer.fileNames == ["model.safetensors"] && writer.indexNames == [])
    }
  }

  @Test("more shards than can be open at once are refused")
  func tooMany() throws {
    let memory = try memory([Int](repeating: 2, count: 513))
    #expect { try ShardedWriter(memory, shardBytes: 1, metadata: [:]) } throws: {
      "\($0)" == "makes 513 shards, and at most 512 are written"
        && ($0 as? FormatError)?.kind == .usage
    }
    #expect(try ShardedWriter(memory, shardBytes: 4, metadata: [:]).shards.count == 257)
  }

  @Test("of a folder, the files are known that a library may load as weights")
  func weightFiles() throws {
    for name in [
      "model.safetensors", "model-00001-of-00003.safetensors", "model-x-of-00003.safetensors",
      "model.safetensors.index.json", "other-00001-of-00003.safetensors", "config.json",
      "model-00001-of-00003.bin",
    ] {
      try folder.write("", to: name)
    }
    #expect(
      try ShardedWriter.weightFiles(in: folder.path) == [
        "model-00001-of-00003.safetensors", "model.safetensors", "model.safetensors.index.json",
      ])
    #expect(try ShardedWriter.weightFiles(in: folder.file("none")) == [])
  }

  private func values(in folder: String) throws -> [[UInt8]] {
    let source = try ShardedSource(index: folder + "/" + ShardedWriter.indexName)
    return try source.tensors.sorted { $0.name < $1.name }.map { try source.bytes(of: $0) }
  }

  @Test("a checkpoint whose files are replaced by others of the same names loads until all are there")
  func replaced() throws {
    let path = folder.file("out")
    func memory(_ value: UInt8) throws -> MemorySource {
      try MemorySource(
        (0..<3).map { .init("t\($0)", .uint8, [8], [UInt8](repeating: value, count: 8)) })
    }
    func write(_ value: UInt8, blocking: Bool = false) throws {
      let output = try OutputFolder(path, replace: true)
      if blocking { try output.add("blocked", contents: [1]) }
      try ShardedWriter(memory(value), shardBytes: 8, metadata: [:])
        .write(into: output, jobs: 1, progress: { _ in })
      if blocking { try folder.makeFolder("out/blocked") }
      try output.commit(removing: ShardedWriter.weightFiles(in: path))
    }
    try write(1)
    let names = try FileSystem.entries(of: path)
    #expect(throws: FileDiagnosis.self) { try write(2, blocking: true) }
    #expect(try values(in: path) == [[UInt8]](repeating: [UInt8](repeating: 1, count: 8), count: 3))
    #expect(
      try ShardedWriter.weightFiles(in: path).contains(
        "hymba-previous-model-00002-of-00003.safetensors"))
    try write(3)
    #expect(try values(in: path) == [[UInt8]](repeating: [UInt8](repeating: 3, count: 8), count: 3))
    #expect(try FileSystem.entries(of: path) == ["blocked"] + names)
  }
}
