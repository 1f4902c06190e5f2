import HymbaFormat
import TestSupport
import Testing

@Suite("Windows of a tensor")
struct WindowTests {
  @Test(
    "they are the tensor's bytes in order, all full but the last",
    arguments: [1, 3, 4, 10, 11, 100],
    [0, 1, 2, 3, 50])
  func windows(_ windowBytes: Int, _ jobs: Int) throws {
    let bytes = Random.bytes(10)
    let source = try MemorySource([.init("a", .uint8, [10], bytes)])
    var windows: [[UInt8]] = []
    try source.forEachWindow(of: source.tensors[0], windowBytes: windowBytes, jobs: jobs) {
      windows.append($0)
    }
    #expect(windows.flatMap(\.self) == bytes)
    #expect(windows.dropLast().allSatisfy { $0.count == windowBytes })
    #expect(windows.count == (10 + windowBytes - 1) / windowBytes)
  }

  @Test("a tensor without elements has none")
  func empty() throws {
    let source = try MemorySource([.init("a", .float32, [3, 0], [])])
    try source.forEachWindow(of: source.tensors[0], windowBytes: 4, jobs: 2) { _ in
      Issue.record("a window")
    }
  }

  @Test("an error of the source or of the body ends it")
  func errors() throws {
    let base = try MemorySource([.init("a", .uint8, [10], Random.bytes(10))])
    let source = FailingSource(base: base, failing: "a")
    #expect(throws: FailingSource.Failure()) {
      try source.forEachWindow(of: source.tensors[0], windowBytes: 4, jobs: 2) { _ in
        Issue.record("a window")
      }
    }
    var count = 0
    #expect(throws: FailingSource.Failure()) {
      try base.forEachWindow(of: base.tensors[0], windowBytes: 4, jobs: 2) { _ in
        count += 1
        if count == 2 { throw FailingSource.Failure() }
      }
    }
    #expect(count == 2)
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
}
