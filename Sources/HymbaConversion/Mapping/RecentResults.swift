import Dispatch
import Synchronization

/// Results that are made when they are wanted and kept while they are among the last ones.
///
/// Threads that want different results make them side by side; who wants one that is being made waits for it. At
/// most ``limit`` results are in being, made or in the making: where all are in the making, who wants another one
/// waits for the oldest of them.
final class RecentResults<Key: Hashable & Sendable, Value: Sendable>: Sendable {
  private final class Entry: Sendable {
    let key: Key
    let value = Mutex<Result<Value, any Error>?>(nil)
    /// Entered until the value is there.
    let making = DispatchGroup()

    init(_ key: Key) {
      self.key = key
      making.enter()
    }
  }

  private enum Choice {
    case take(Entry)
    case make(Entry)
    case wait(Entry)
  }

  let limit: Int
  /// The oldest first.
  private let entries = Mutex<[Entry]>([])

  /// - Parameter limit: At least one.
  init(limit: Int) { self.limit = limit }

  /// The result of a key.
  /// - Parameter make: Makes the result; no lock is held meanwhile.
  /// - Throws: What making it threw, to all that waited for it; the next one makes it again.
  func value(_ key: Key, make: () throws -> Value) throws -> Value {
    while true {
      switch choose(key) {
      case .take(let entry):
        entry.making.wait()
        if let value = entry.value.withLock({ $0 }) { return try value.get() }
      case .make(let entry):
        let value = Result { try make() }
        entry.value.withLock { $0 = value }
        if case .failure = value { entries.withLock { $0.removeAll { $0 === entry } } }
        entry.making.leave()
        return try value.get()
      case .wait(let entry): entry.making.wait()
      }
    }
  }

  private func choose(_ key: Key) -> Choice {
    entries.withLock { entries in
      if let entry = entries.first(where: { $0.key == key }) { return .take(entry) }
      if entries.count >= limit {
        guard let made = entries.firstIndex(where: { $0.value.withLock { $0 != nil } }) else {
          return .wait(entries[0])
        }
        entries.remove(at: made)
      }
      let entry = Entry(key)
      entries.append(entry)
      return .make(entry)
    }
  }
}
