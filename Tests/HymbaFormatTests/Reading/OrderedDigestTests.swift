import Synchronization
import Testing

@testable import HymbaFormat

@Suite("The digest of pieces in any order")
struct OrderedDigestTests {
  private static let pieces = (0..<6).map { Random.bytes(700 * ($0 % 3), seed: UInt64($0)) }

  /// Of all pieces at once.
  private static func expected() throws -> XXH3Digest {
    let whole = pieces.flatMap(\.self)
    var hasher = try XXH3Hasher()
    hasher.update(whole.raw)
    return hasher.finalize()
  }

  @Test("every order gives the digest of the whole, to the one caller who completes it")
  func orders() throws {
    let expected = try Self.expected()
    func visit(_ order: [Int], _ left: [Int]) throws {
      guard left.isEmpty else {
        for (index, piece) in left.enumerated() {
          var rest = left
          rest.remove(at: index)
          try visit(order + [piece], rest)
        }
        return
      }
      let digest = try OrderedDigest(count: order.count)
      for (index, piece) in order.enumerated() {
        let bytes = Self.pieces[piece]
        var found: XXH3Digest?
        if var hasher = digest.add(piece, bytes.raw) { found = hasher.finalize() }
        #expect(found == (index == order.count - 1 ? expected : nil), "\(order)")
      }
    }
    try visit([], Array(Self.pieces.indices))
  }

  @Test("pieces of several threads, some of them added twice, are hashed once and in order")
  func threads() throws {
    let expected = try Self.expected()
    for _ in 0..<200 {
      let digest = try OrderedDigest(count: Self.pieces.count)
      let found = Mutex<[XXH3Digest]>([])
      _ = Parallel.map(count: 2 * Self.pieces.count, jobs: 4) { index in
        let piece = Self.pieces.count - 1 - index / 2
        let bytes = Self.pieces[piece]
        if var hasher = digest.add(piece, bytes.raw, kept: bytes) {
          let complete = hasher.finalize()
          found.withLock { $0.append(complete) }
        }
      }
      #expect(found.withLock { $0 } == [expected])
    }
  }
}
