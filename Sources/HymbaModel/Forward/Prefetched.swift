import Dispatch
import Synchronization

/// A value that is made in the background from the start, and waited for when it is needed.
final class Prefetched<Value: Sendable>: Sendable {
  private let result = Mutex<Result<Value, any Error>?>(nil)
  private let done = DispatchSemaphore(value: 0)

  init(_ make: @escaping @Sendable () throws -> Value) {
    DispatchQueue.global().async {
      let made = Result { try make() }
      self.result.withLock { $0 = made }
      self.done.signal()
    }
  }

  /// - Throws: what making the value threw.
  func value() throws -> Value? {
    done.wait()
    // The next caller need not wait either.
    done.signal()
    return try result.withLock { try $0?.get() }
  }
}
