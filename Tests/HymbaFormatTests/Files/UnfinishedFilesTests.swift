import Synchronization
import TestSupport
import Testing

@testable import HymbaFormat

#if canImport(Glibc)
  import Glibc
#endif

@Suite("Unfinished files")
struct UnfinishedFilesTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  @Test("an interrupt while one is being created waits, and removes it too")
  func interruptedCreation() async throws {
    let files = UnfinishedFiles()
    let path = folder.file(".x.part")
    try await withThrowingTaskGroup(of: Void.self) { group in
      let (creation, begun) = AsyncStream<Void>.makeStream()
      group.addTask {
        _ = try files.adding(path) {
          begun.finish()
          usleep(50_000)
          return try folder.write([1], to: ".x.part")
        }
      }
      for await _ in creation {}
      files.removeAll {}
      try await group.waitForAll()
    }
    #expect(try folder.entries == [])
  }

  @Test("until the process has ended, no thread creates a further one")
  func creationAfterInterrupt() async throws {
    let files = UnfinishedFiles()
    let entries = Mutex<[String]?>(nil)
    try await withThrowingTaskGroup(of: Void.self) { group in
      let (interrupt, begun) = AsyncStream<Void>.makeStream()
      group.addTask {
        files.removeAll {
          begun.finish()
          usleep(50_000)
          entries.withLock { $0 = try? folder.entries }
        }
      }
      for await _ in interrupt {}
      _ = try files.adding(folder.file(".x.part")) { try folder.write([1], to: ".x.part") }
      try await group.waitForAll()
    }
    #expect(entries.withLock { $0 } == [])
  }

  @Test("finished files are kept, unfinished ones removed; a creation that fails is not taken down")
  func removal() throws {
    let files = UnfinishedFiles()
    for name in ["a", "b", "c"] {
      _ = try files.adding(folder.file(name)) { try folder.write([1], to: name) }
    }
    files.remove(folder.file("b"))
    try folder.write([1], to: "d")
    #expect(throws: FormatError.self) {
      _ = try files.adding(folder.file("d")) { throw FormatError.outputExists }
    }
    files.removeAll {}
    #expect(try folder.entries.sorted() == ["b", "d"])
  }
}
