@testable import HymbaFormat
import TestSupport
import Testing

@Suite("Windows of a tensor")
struct WindowTests {
  @Test(
    "they are the tensors' bytes in order, all full but each tensor's last",
    arguments: [1, 3, 4, 10, 11, 100],
    [1, 2, 3, 50])
  func windows(_ windowElements: Int, _ jobs: Int) throws {
    let contents = [Random.bytes(10), [], Random.bytes(24), Random.bytes(1)]
    let source = try MemorySource([
      .init("a", .uint8, [10], contents[0]), .init("b", .float32, [3, 0], contents[1]),
      .init("c", .float64, [3], contents[2]), .init("d", .uint8, [1], contents[3]),
    ])
    var windows: [TensorWindow] = []
    try source.forEachWindow(
      of: Array(source.tensors), windowElements: windowElements, jobs: jobs
    ) { windows.append($0) }

    for (tensor, bytes) in zip(source.tensors, contents) {
      let own = windows.filter { $0.tensor.name == tensor.name }
      let windowBytes = windowElements * tensor.type.byteSize
      #expect(own.flatMap(\.bytes) == bytes)
      #expect(own.map(\.offset) == own.indices.map { $0 * windowBytes })
      #expect(own.dropLast().allSatisfy { $0.bytes.count == windowBytes && !$0.isLast })
      #expect(own.last?.isLast == true)
    }
    #expect(windows.map(\.tensor.name) == windows.map(\.tensor.name).sorted())
  }

  @Test("as many are in memory as there are jobs, and never more than 32 MB")
  func batches() throws {
    let source = try ZeroSource(float32: 20 << 20)
    for (jobs, expected) in [(1, 1), (2, 2), (5, 5), (64, 8)] {
      var largest = 0
      try source.forEachBatch(of: Array(source.tensors), jobs: jobs) {
        largest = max(largest, $0.count)
      }
      #expect(largest == expected)
    }
  }

  @Test("an error of the source or of the body ends it")
  func errors() throws {
    let base = try MemorySource([.init("a", .uint8, [10], Random.bytes(10))])
    let source = FailingSource(base: base, failing: "a")
    #expect(throws: FailingSource.Failure()) {
      try source.forEachWindow(of: [source.tensors[0]], windowElements: 4, jobs: 2) { _ in
        Issue.record("a window")
      }
    }
    var count = 0
    #expect(throws: FailingSource.Failure()) {
      try base.forEachWindow(of: [base.tensors[0]], windowElements: 4, jobs: 2) { _ in
        count += 1
        if count == 2 { throw FailingSource.Failure() }
      }
    }
    #expect(count == 2)
  }

  @Test("damage in what is read names the source, and not what is written meanwhile")
  func damagedSource() throws {
    let folder = try TemporaryFolder()
    let output = folder.file("out.safetensors")
    let source = try CutShortSource(location: "in.bin")
    for writes in [
      { try naming(output) { try SafetensorsWriter.write(source, to: output, replace: false) } },
      {
        _ = try naming(output) {
          try ContainerWriter(compression: .none, jobs: 2, replace: false, creator: "test")
            .write(source, .verbatim(), to: output)
        }
      },
      {
        try naming(output) { try source.requireSame(in: source, jobs: 1) }
      },
    ] {
      #expect { try writes() } throws: {
        "\($0)" == "in.bin: \(CutShortSource.failure)"
      }
    }
    #expect(try folder.entries == [])
  }

  @Test("the digest is that of the bytes")
  func digest() throws {
    let source = try MemorySource([
      .init("a", .uint8, [3], Array("abc".utf8)), .init("b", .int64, [0], []),
    ])
    #expect(
      "\(try source.digest(of: source.tensors[0], jobs: 2))"
        == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
    #expect("\(try source.digest(of: source.tensors[1], jobs: 2))" == Forgery.emptySHA256)
  }

  @Test(
    "a window has at least an element and at most the tensor, whatever is asked for",
    arguments: [0, -1, Int.min, 1, Int.max], [0, -3, 1, 4, Int.max])
  func extremes(_ elements: Int, _ jobs: Int) throws {
    let memory = try MemorySource([
      .init("a", .int64, [3], Random.bytes(24)), .init("b", .uint8, [0], []),
    ])
    var read: [UInt8] = []
    try memory.forEachWindow(of: Array(memory.tensors), windowElements: elements, jobs: jobs) {
      read += $0.bytes
    }
    #expect(read == Random.bytes(24))
  }
}

/// A source whose file became shorter.
private struct CutShortSource: CheckpointSource {
  static let failure = FormatError.endsEarly(offset: 8, wanted: 4, fileBytes: 10)
  let location: String
  let tensors: TensorTable
  let files: [SourceFile] = []

  init(location: String) throws {
    self.location = location
    tensors = try TensorTable([TensorDescriptor(name: "a", type: .uint8, dimensions: [4])])
  }

  func read(
    _ tensor: TensorDescriptor, from offset: Int, into buffer: inout MutableRawSpan
  ) throws { throw Self.failure }
}

/// One large tensor of bytes that nobody keeps.
private struct ZeroSource: CheckpointSource {
  let location = "memory"
  let tensors: TensorTable
  let files: [SourceFile] = []

  init(float32 count: Int) throws {
    tensors = try TensorTable([TensorDescriptor(name: "a", type: .float32, dimensions: [count])])
  }

  func read(
    _ tensor: TensorDescriptor, from offset: Int, into buffer: inout MutableRawSpan
  ) throws {}
}
