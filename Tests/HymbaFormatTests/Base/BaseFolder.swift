import TestSupport

@testable import HymbaFormat

/// A base and fine-tunes of it, in a folder.
struct BaseFolder {
  let folder: TemporaryFolder
  /// The tensors of the base.
  static let entries: [MemorySource.Entry] = [
    .init("equal", .bfloat16, [40, 50], Random.bytes(4000, seed: 1)),
    // More than one chunk.
    .init("few", .uint8, [3, 360_001], [UInt8](count: 1_080_003, repeating: Random.bytes(4099, seed: 2))),
    .init("all", .float32, [2000], Random.bytes(8000, seed: 3)),
    .init("new", .bfloat16, [3000], [UInt8](repeating: 1, count: 6000)),
    .init("small", .float32, [4], Random.bytes(16, seed: 5)),
    .init("other.shape", .int32, [20, 30], Random.bytes(2400, seed: 6)),
    .init("tied", .float32, [2000], Random.bytes(8000, seed: 3)),
    .init("empty", .float32, [0, 3], []),
  ]

  init() throws {
    folder = try TemporaryFolder()
    _ = try folder.container("base.hymba", .zstd, Self.entries)
  }

  var base: String { folder.file("base.hymba") }

  /// The tensors of a fine-tune: what the names say of each. `round` makes another fine-tune.
  static func tuned(_ round: UInt64 = 1) -> [MemorySource.Entry] {
    var random = Random(round)
    return entries.map { entry in
      var bytes = entry.bytes
      switch entry.name {
      case "few":
        for _ in 0..<500 { bytes[random.next(below: bytes.count)] ^= 1 }
      case "all", "tied": bytes = bytes.indices.map { bytes[$0] ^ ($0 % 4 == 0 ? 3 : 0) }
      case "new": bytes = random.bytes(bytes.count).map { $0 & 1 }
      case "small": bytes[3] ^= UInt8(truncatingIfNeeded: round)
      case "other.shape": return .init(entry.name, entry.type, [30, 20], bytes)
      default: break
      }
      return .init(entry.name, entry.type, entry.dimensions, bytes)
    } + [.init("added", .uint8, [5], [1, 2, 3, 4, 5])]
  }

  /// Writes a container relative to another, and gives its path.
  func relative(
    _ name: String = "tuned.hymba", _ entries: [MemorySource.Entry] = tuned(), to base: String? = nil
  ) throws -> String {
    var writer = ContainerWriter.test(.zstd, replace: true)
    writer.base = try ContainerSource(base ?? self.base)
    try writer.write(MemorySource(entries), .verbatim(), to: folder.file(name))
    return folder.file(name)
  }
}
