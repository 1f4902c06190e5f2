import Dispatch
import Synchronization

/// A cache of the last results. A result is made when it is first asked for.
///
/// Threads that ask for different results make them side by side. A thread that asks for a result in the making
/// waits for it. At most ``limit`` results are kept or in the making. Where all of them are in the making, a
/// thread that asks for another one waits for the oldest.
final class RecentResults<Key: Hashable & Sendable, Value: Sendable>: Sendable {
  private final class Entry: Sendable {
    let key: Key
    let value = Mutex<Result<Value, any Error>?>(nil)
    /// The group is left when the value is there.
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
  /// The results that are kept or in the making, the oldest first.
  private let entries = Mutex<[Entry]>([])

  /// - Parameter limit: The largest number of results, at least one.
  init(limit: Int) { self.limit = limit }

  /// The result of a key.
  ///
  /// - Parameter make: Makes the result. No lock is held while it runs.
  /// - Throws: What `make` threw, to all threads that waited for this result. The next request makes it again.
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
