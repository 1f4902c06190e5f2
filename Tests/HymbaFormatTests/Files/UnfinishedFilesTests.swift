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
    let folder = folder
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
    let folder = folder
    let path = folder.file(".x.part")
    let entries = try await withThrowingTaskGroup(of: [String].self) { group in
      let (interrupt, begun) = AsyncStream<Void>.makeStream()
      group.addTask {
        var entries = ["not looked at"]
        files.removeAll {
          begun.finish()
          usleep(50_000)
          entries = (try? folder.entries) ?? entries
        }
        return entries
      }
      for await _ in interrupt {}
      _ = try files.adding(path) { try folder.write([1], to: ".x.part") }
      return try await group.next()
    }
    #expect(entries == [])
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

  @Test("a folder that was made for them goes too, unless something is in it")
  func folders() throws {
    let files = UnfinishedFiles()
    for name in ["empty", "full"] {
      _ = try files.adding(folder.file(name)) { try folder.makeFolder(name) }
      _ = try files.adding(folder.file(name + "/.x.part")) {
        try folder.write([1], to: name + "/.x.part")
      }
    }
    try folder.write([1], to: "full/y")
    files.removeAll {}
    #expect(try folder.entries == ["full"])
    #expect(try FileSystem.entries(of: folder.file("full")) == ["y"])
  }

  @Test("an interrupt waits until all finished files have their names")
  func interruptedFinish() async throws {
    let files = UnfinishedFiles()
    let folder = folder
    let names = ["a", "b", "c"]
    for name in names {
      _ = try files.adding(folder.file("." + name)) { try folder.write([1], to: "." + name) }
    }
    try await withThrowingTaskGroup(of: Void.self) { group in
      let (renames, begun) = AsyncStream<Void>.makeStream()
      group.addTask {
        try files.finishing(names.map { folder.file("." + $0) }) {
          begun.finish()
          for name in names {
            usleep(20_000)
            try FileSystem.rename(folder.file("." + name), to: folder.file(name), replace: true)
          }
        }
      }
      for await _ in renames {}
      files.removeAll {}
      #expect(try folder.entries == names)
      try await group.waitForAll()
    }
  }
}
