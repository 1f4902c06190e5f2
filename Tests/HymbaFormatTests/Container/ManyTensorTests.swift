import TestSupport
import Testing

@testable import HymbaFormat

@Suite("Container: many tensors")
struct ManyTensorTests {
  @Test(
    "texts are not longer than what is reserved for them, so that they are in memory once",
    arguments: ContainerWriter.Compression.allCases)
  func reserved(_ compression: ContainerWriter.Compression) throws {
    let folder = try TemporaryFolder()
    // Names as long as they may be, most of what is in a text, and numbers of many digits.
    let entries = (0..<40).map { index in
      MemorySource.Entry(
        String(repeating: "n", count: index.isMultiple(of: 2) ? 4000 : 1) + "\(index)", .uint8,
        [1, 1, 1, 1, 2000 + index], Random.bytes(2000 + index, seed: UInt64(index)))
    }
    let path = try folder.container("c.hymba", compression, entries)
    let manifest = try ContainerSource(path).manifest
    #expect(manifest.json.count <= manifest.expectedBytes)
    let header = try SafetensorsHeader(reading: InputFile(path))
    #expect(header.dataOffset <= JSONWriter.bytes(ofEntries: header.tensors.map(\.name)))
  }

  @Test("what a writer remembers of its tensors is let go before the file is read again")
  func forgotten() throws {
    let folder = try TemporaryFolder()
    let source = try MemorySource([.init("a", .uint8, [2], [1, 2]), .init("b", .uint8, [2], [1, 2])])
    var buffer = try ContainerBuffer(
      OutputFile(folder.file("c.hymba"), replace: false, expectedBytes: 4), dataOffset: 8,
      storesCopiesOnce: false, .default, jobs: 1)
    try buffer.append(Array(source.tensors), of: source, .raw) { _ in }
    let contents = buffer.takeContents()
    #expect(contents.tensors.map(\.descriptor.name) == ["a", "b"] && contents.attachments == [])
    #expect(contents.ranges == [0..<2, 2..<4] && contents.aliases == [])
    #expect(buffer.takeContents().tensors == [])
  }
}
