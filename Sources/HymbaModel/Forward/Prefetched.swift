import Dispatch
import Synchronization

/// Weights that are read in the background from the start, and finished by all threads when they are needed;
/// or, without a thread to spare, read when they are needed.
final class Prefetched<Value: Sendable>: Sendable {
  private let make: @Sendable (ParameterReader) throws -> Value
  private let reader: ParameterReader
  private let fetch = Fetch()
  private let made = Mutex<Result<Value, any Error>?>(nil)
  private let planned = DispatchSemaphore(value: 0)

  /// - Parameter make: Makes a value whose matrices may be filled later.
  init(_ reader: ParameterReader, _ make: @escaping @Sendable (ParameterReader) throws -> Value) {
    self.make = make
    self.reader = reader
    guard reader.jobs > 1 else { return }
    LowPriorityThread.start { [self] in
      plan()
      planned.signal()
      fetch.work()
    }
  }

  private func plan() {
    let value = Result { try make(reader.deferring(to: fetch)) }
    made.withLock { $0 = value }
  }

  /// The value, complete; asked for once.
  /// - Throws: what making the value threw.
  func value() throws -> Value {
    guard reader.jobs > 1 else { return try make(reader) }
    planned.wait()
    let value = try made.withLock { $0.take() }?.get()
    try fetch.finish(jobs: reader.jobs)
    return try value ?? make(reader)
  }
}

extension ParameterReader {
  /// Makes a value of weights for each item and uses it while the next one is read: at most two are in
  /// memory.
  /// - Throws: what `make` and `use` throw.
  func forEach<Item: Sendable, Value: Sendable>(
    _ items: [Item], make: @escaping @Sendable (Item, ParameterReader) throws -> Value,
    _ use: (Item, Value) throws -> Void
  ) throws {
    func prefetch(_ index: Int) -> Prefetched<Value>? {
      guard items.indices.contains(index) else { return nil }
      let item = items[index]
      return Prefetched(self) { reader in try make(item, reader) }
    }
    var next = prefetch(0)
    for (index, item) in items.enumerated() {
      guard let value = try next?.value() else { break }
      next = prefetch(index + 1)
      try use(item, value)
    }
  }
}
