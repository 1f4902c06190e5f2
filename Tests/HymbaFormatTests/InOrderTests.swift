import Synchronization
import Testing

@testable import HymbaFormat

@Suite("Pieces in their order")
struct InOrderTests {
  /// What is handed on, and how often the end was told.
  private final class Outcome: Sendable {
    let state = Mutex((bytes: [UInt8](), ends: 0))
  }

  /// - Parameter order: Of pieces of seven bytes.
  private func handOn(_ bytes: [UInt8], _ order: [Int], jobs: Int) -> (bytes: [UInt8], ends: Int) {
    let outcome = Outcome()
    let inOrder = InOrder(count: bytes.count) { piece in
      outcome.state.withLock { state in
        unsafe piece.withUnsafeBytes { unsafe state.bytes.append(contentsOf: $0) }
      }
    }
    _ = Parallel.map(count: order.count, jobs: jobs) { index in
      let start = 7 * order[index]
      let end = min(start + 7, bytes.count)
      guard inOrder.add(start, bytes.raw.extracting(start..<end)) else { return }
      outcome.state.withLock { $0.ends += 1 }
    }
    return outcome.state.withLock { $0 }
  }

  @Test("whatever the order in which they come, they are handed on as they follow one another")
  func orders() {
    let bytes = (0..<100).map { UInt8($0) }
    for order in [Array(0..<15), Array((0..<15).reversed()), [3, 0, 2, 1, 14, 4, 13, 5, 6, 12, 7, 11, 8, 10, 9]] {
      let outcome = handOn(bytes, order, jobs: 1)
      #expect(outcome.bytes == bytes && outcome.ends == 1)
    }
  }

  @Test("from several threads at once, nothing is lost and the end is told once")
  func threads() {
    let bytes = (0..<7000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
    for step in stride(from: 3, to: 60, by: 2) where step % 5 != 0 {
      // A step without a common divisor visits every piece once.
      let order = (0..<1000).map { $0 * step % 1000 }
      let outcome = handOn(bytes, order, jobs: 4)
      #expect(outcome.bytes == bytes && outcome.ends == 1)
    }
  }

  @Test("an empty run ends with its only piece")
  func empty() {
    #expect(handOn([], [0], jobs: 1).ends == 1)
  }
}
