import HymbaFormat
import Synchronization
import TestSupport
import Testing

/// A source whose bytes are others the second time that they are read: what a disk or a memory that loses bits
/// looks like to who compares.
private final class ChangingSource: CheckpointSource {
  let location = "memory"
  let base: MemorySource
  let changing: String
  private let reads = Mutex<[String: Int]>([:])

  init(_ base: MemorySource, changing: String) {
    self.base = base
    self.changing = changing
  }

  var tensors: TensorTable { base.tensors }
  var files: [SourceFile] { [] }

  func read(_ tensor: TensorDescriptor, from offset: Int, into buffer: inout MutableRawSpan) throws
  {
    try base.read(tensor, from: offset, into: &buffer)
    let key = "\(tensor.name) \(offset)"
    let isFirst = reads.withLock { counts in
      defer { counts[key, default: 0] += 1 }
      return counts[key] == nil
    }
    // The last window only, so that all of a tensor has to be compared.
    if tensor.name == changing, !isFirst, offset + buffer.byteCount == tensor.byteCount {
      buffer.storeBytes(of: 0xFF, toByteOffset: buffer.byteCount - 1, as: UInt8.self)
    }
  }
}

@Suite("What was written is read again")
struct WrittenComparisonTests {
  private let base: MemorySource

  init() throws {
    // More than one window, so that a difference in a later one counts.
    base = try MemorySource([
      .init("a", .uint8, [3], [1, 2, 3]),
      .init("b", .uint8, [(1 << 20) + 5], [UInt8](repeating: 7, count: (1 << 20) + 5)),
    ])
  }

  @Test(
    "a difference is an error that names the tensor, and leaves no file", arguments: ["a", "b"],
    ContainerWriter.Compression.allCases)
  func difference(name: String, compression: ContainerWriter.Compression) throws {
    let folder = try TemporaryFolder()
    #expect {
      try ContainerWriter.test(compression).write(
        ChangingSource(base, changing: name), .verbatim(), to: folder.file("c.hymba"))
    } throws: {
      "\($0)"
        == "the tensor “\(name)” was read back other than it was written, so nothing was kept: check the disk and the memory, and that the source does not change"
    }
    #expect(try folder.entries == [])
  }

  @Test("without the comparison the source is read once")
  func skipped() throws {
    let folder = try TemporaryFolder()
    var writer = ContainerWriter.test(.none)
    writer.verifies = false
    try writer.write(
      ChangingSource(base, changing: "b"), .verbatim(), to: folder.file("c.hymba"))
    #expect(try folder.entries == ["c.hymba"])
  }

  @Test("a tensor that is missing or has another shape differs")
  func missing() throws {
    let other = try MemorySource([.init("a", .uint8, [1, 3], [1, 2, 3])])
    for tensor in ["a", "b"] {
      let source = try MemorySource(
        [base.tensors[tensor]].compactMap { $0 }.map {
          .init($0.name, $0.type, $0.shape.dimensions, try base.bytes(of: $0))
        })
      #expect(throws: FormatError.writtenDiffers(tensor: tensor)) {
        try source.requireSame(in: other, jobs: 1)
      }
    }
  }

  @Test(
    "what the reader would refuse does not get its name, compared or not", arguments: [true, false])
  func unreadable(_ verifies: Bool) throws {
    let folder = try TemporaryFolder()
    let path = try folder.write("precious", to: "m.hymba")
    let description = CheckpointDescription(
      architecture: Array("{".utf8), layout: .verbatim, configuration: nil, metadata: [:],
      files: [], assumptions: [], carried: [])
    let writer = ContainerWriter(
      compression: .none, jobs: 1, replace: true, creator: "test", verifies: verifies)
    #expect {
      try writer.write(base, description, to: path)
    } throws: {
      "\($0)".hasPrefix(
        "what was written cannot be opened again, so nothing was kept: ")
        && ($0 as? FormatError)?.kind == .inputOutput
    }
    #expect(try folder.entries == ["m.hymba"] && folder.read("m.hymba") == Array("precious".utf8))
  }
}
