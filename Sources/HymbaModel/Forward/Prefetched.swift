import Dispatch
import Synchronization

/// A value that is made in the background from the start, and waited for when it is needed; or, without a
/// thread to spare, made when it is needed.
final class Prefetched<Value: Sendable>: Sendable {
  private let make: @Sendable () throws -> Value
  private let result = Mutex<Result<Value, any Error>?>(nil)
  private let done = DispatchSemaphore(value: 0)
  private let inBackground: Bool

  init(inBackground: Bool, _ make: @escaping @Sendable () throws -> Value) {
    self.make = make
    self.inBackground = inBackground
    guard inBackground else { return }
    DispatchQueue.global().async {
      let made = Result { try make() }
      self.result.withLock { $0 = made }
      self.done.signal()
    }
  }

  /// The value; asked for once.
  /// - Throws: what making the value threw.
  func value() throws -> Value {
    guard inBackground else { return try make() }
    done.wait()
    let made = result.withLock { $0.take() }
    return try made?.get() ?? make()
  }
}
