import Dispatch
import Synchronization

/// A value that is made on another thread from now on, and waited for when it is needed.
final class Background<Value: Sendable>: Sendable {
  private let made = Mutex<Result<Value, any Error>?>(nil)
  private let done = DispatchSemaphore(value: 0)

  init(_ make: @escaping @Sendable () throws -> Value) {
    DispatchQueue.global().async { [self] in
      let result = Result { try make() }
      made.withLock { $0 = result }
      done.signal()
    }
  }

  /// The value; asked for once.
  /// - Throws: what making it threw.
  func value() throws -> Value? {
    done.wait()
    return try made.withLock { $0.take() }?.get()
  }
}
