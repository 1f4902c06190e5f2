import Synchronization
import Testing

@testable import HymbaFormat

@Suite("The hash of pieces in any order")
struct OrderedHashTests {
  private static let pieces = (0..<6).map { Random.bytes(700 * ($0 % 3 + 1), seed: UInt64($0)) }
  private static let whole = pieces.flatMap(\.self)

  /// Where a piece begins.
  private static func offset(_ piece: Int) -> Int { pieces[..<piece].reduce(0) { $0 + $1.count } }

  /// The digest of all pieces at once.
  private static func expected() throws -> XXH3Digest {
    var hasher = try XXH3Hasher()
    hasher.update(whole.raw)
    return hasher.finalize()
  }

  @Test("every order gives the hash of the whole, and the call that completes it is told")
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
      let hash = OrderedHash(count: Self.whole.count, try XXH3Hasher())
      for (index, piece) in order.enumerated() {
        let bytes = Self.pieces[piece]
        let isComplete = hash.add(Self.offset(piece), bytes.raw)
        #expect(isComplete == (index == order.count - 1), "\(order)")
      }
      let digest = hash.finish { $0.finalize() }
      #expect(digest == expected, "\(order)")
    }
    try visit([], Array(Self.pieces.indices))
  }

  @Test("pieces of several threads, each added twice, are hashed once and in order")
  func threads() throws {
    let expected = try Self.expected()
    for _ in 0..<200 {
      let hash = OrderedHash(count: Self.whole.count, try XXH3Hasher())
      let completions = Mutex(0)
      _ = Parallel.map(count: 2 * Self.pieces.count, jobs: 4) { index in
        let piece = Self.pieces.count - 1 - index / 2
        let bytes = Self.pieces[piece]
        if hash.add(Self.offset(piece), bytes.raw, kept: bytes) {
          completions.withLock { $0 += 1 }
        }
      }
      #expect(completions.withLock { $0 } == 1)
      let digest = hash.finish { $0.finalize() }
      #expect(digest == expected)
    }
  }

  @Test("an empty run is complete with its only piece; elsewhere an empty piece means nothing")
  func empty() throws {
    let (none, some): ([UInt8], [UInt8]) = ([], [1, 2, 3])
    let isComplete = OrderedHash(count: 0, SHA256Hasher()).add(0, none.raw)
    #expect(isComplete)
    let hash = OrderedHash(count: some.count, SHA256Hasher())
    let completions = [hash.add(0, none.raw), hash.add(0, some.raw)]
    #expect(completions == [false, true])
    let digest = hash.finish { $0.finalize() }
    #expect(digest == SHA256Digest(of: some))
  }
}
