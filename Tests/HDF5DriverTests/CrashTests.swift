import Foundation
import HDF5Driver
import Testing

/// Each crash is in a process of its own.
@Suite("Crashes that are watched for", .timeLimit(.minutes(5)))
struct CrashTests {
  @Test("a crash inside ends the process with the given status when nobody else ends it")
  func inside() async {
    await #expect(processExitsWith: .exitCode(65)) {
      guard hdf5_watch_crashes(65) >= 0 else { exit(1) }
      hdf5_enter()
      raise(SIGSEGV)
      exit(2)
    }
  }

  @Test("a failed check inside of the library, which aborts, is watched for too")
  func aborting() async {
    await #expect(processExitsWith: .exitCode(65)) {
      guard hdf5_watch_crashes(65) >= 0 else { exit(1) }
      hdf5_enter()
      abort()
    }
  }

  @Test("a watcher learns of a crash by a byte, and has the time to end the process in its own way")
  func watched() async {
    await #expect(processExitsWith: .exitCode(7)) {
      let alarm = hdf5_watch_crashes(65)
      guard alarm >= 0 else { exit(1) }
      Thread.detachNewThread {
        var byte: UInt8 = 0xEE
        // One byte has room in one byte.
        exit(unsafe read(alarm, &byte, 1) == 1 ? 7 : 3)
      }
      hdf5_enter()
      raise(SIGBUS)
      exit(2)
    }
  }

  @Test("a stack that is full inside is watched for too")
  func stack() async {
    await #expect(processExitsWith: .exitCode(65)) {
      guard hdf5_watch_crashes(65) >= 0 else { exit(1) }
      hdf5_enter()
      exit(descend(0) > 0 ? 2 : 3)
    }
  }

  @Test("a crash outside is what it was before")
  func outside() async {
    await #expect(processExitsWith: .signal(SIGSEGV)) {
      guard hdf5_watch_crashes(65) >= 0 else { exit(1) }
      hdf5_enter()
      hdf5_leave()
      raise(SIGSEGV)
      exit(2)
    }
  }

  @Test("without a watcher a crash inside is what it was before")
  func unwatched() async {
    await #expect(processExitsWith: .signal(SIGSEGV)) {
      hdf5_enter()
      raise(SIGSEGV)
      exit(2)
    }
  }
}

/// Fills the stack.
private func descend(_ depth: Int) -> Int {
  let below = [depth].reduce(0) { $0 + descend($1 + 1) }
  return below &+ depth
}
