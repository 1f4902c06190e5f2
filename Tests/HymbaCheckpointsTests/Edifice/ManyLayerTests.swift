import HymbaFormat
import TestSupport
import Testing

@testable import HymbaCheckpoints

@Suite("Edifice files of many layers")
struct ManyLayerTests {
  /// As many layers as a model may have, with as many tensors as Edifice's Hymba has in each.
  private static let names = (1...4096).flatMap { layer in
    (0..<32).map { "hymba_block_\(layer)_part_\($0).kernel" }
  }

  @Test("a file of 4,096 layers is read as it was written")
  func written() throws {
    let folder = try TemporaryFolder()
    let source = try MemorySource(
      Self.names.enumerated().map { index, name in
        .init(name, .uint8, [2], [UInt8(truncatingIfNeeded: index), UInt8(truncatingIfNeeded: index >> 8)])
      })
    let path = folder.file("m.nx")
    try EdificeWriter.write(source, to: path, replace: false, spec: nil, jobs: 1, verifies: false)
    let written = try EdificeSource(path)
    #expect(Set(written.tensors.lazy.map(\.name)) == Set(Self.names))
    for name in [Self.names[0], Self.names[70_000], Self.names[131_071]] {
      let tensor = try #require(written.tensors[name])
      #expect(try written.bytes(of: tensor) == source.bytes(of: tensor))
    }
  }

  @Test("a tree may have as many values as it has bytes, and metadata a million")
  func limits() throws {
    // Tuples of nothing, three bytes in front.
    let values = [UInt8](repeating: 106, count: 1 << 20)
    let term = [131, 108] + Erlang.bigEndian(values.count, 4) + values + [106]
    func problem(_ limit: Int) -> EdificeError? {
      do throws(EdificeError) {
        var reader = try TermReader(term, at: .file(0), limit: limit)
        _ = try reader.readList("a list") { reader throws(EdificeError) in _ = try reader.readHead() }
        return nil
      } catch { return error }
    }
    #expect(problem(term.count) == nil)
    #expect(problem(Limits.terms) == .term(.tooManyTerms(limit: 1 << 20), at: .file(5 + 1 << 20)))
  }
}
