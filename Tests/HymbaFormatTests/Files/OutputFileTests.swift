import HymbaFormat
import TestSupport
import Testing

#if canImport(Glibc)
  import Glibc
#endif

@Suite("Output file")
struct OutputFileTests {
  struct Failure: Error {}

  @Test("nothing is under the name before the commit, all of it after")
  func commit() throws {
    let folder = try TemporaryFolder()
    let output = try OutputFile(folder.file("x"), replace: false)
    try output.write([4, 5, 6, 7, 8], at: 3)
    try output.write([1, 2, 3], at: 0)
    let before = try folder.entries
    #expect(before.count == 1 && before[0].hasPrefix(".x.") && before[0].hasSuffix(".part"))
    #expect(!FileSystem.exists(folder.file("x")))
    try output.commit(byteCount: 7)
    #expect(try folder.entries == ["x"])
    #expect(try folder.read("x") == [1, 2, 3, 4, 5, 6, 7], "cut to what the caller says")
  }

  @Test("bytes that were skipped are zero")
  func gaps() throws {
    let folder = try TemporaryFolder()
    let output = try OutputFile(folder.file("x"), replace: false)
    try output.write([1], at: 2)
    try output.write([], at: 9)
    try output.commit(byteCount: 5)
    #expect(try folder.read("x") == [0, 0, 1, 0, 0])
  }

  @Test("without a commit, or when the writing throws, nothing is left")
  func abandoned() throws {
    let folder = try TemporaryFolder()
    do {
      let output = try OutputFile(folder.file("x"), replace: false)
      try output.write([1], at: 0)
    }
    #expect(try folder.entries == [])
    #expect(throws: Failure.self) {
      let output = try OutputFile(folder.file("x"), replace: false)
      try output.write([1], at: 0)
      throw Failure()
    }
    #expect(try folder.entries == [])
  }

  @Test("an existing file is refused at once")
  func existing() throws {
    let folder = try TemporaryFolder()
    try folder.write("old", to: "x")
    #expect(
      message { _ = try OutputFile(folder.file("x"), replace: false) }
        == "exists already")
    #expect(try folder.entries == ["x"] && folder.read("x") == Array("old".utf8))
  }

  @Test("a file that appears meanwhile is not replaced either")
  func appearing() throws {
    let folder = try TemporaryFolder()
    #expect(
      message {
        let output = try OutputFile(folder.file("x"), replace: false)
        try output.write([1], at: 0)
        try folder.write("other", to: "x")
        try output.commit(byteCount: 1)
      } == "exists already")
    #expect(try folder.entries == ["x"] && folder.read("x") == Array("other".utf8))
  }

  @Test("a file that may be replaced stays as it is until the commit")
  func replacing() throws {
    let folder = try TemporaryFolder()
    try folder.write("old", to: "x")
    let output = try OutputFile(folder.file("x"), replace: true)
    try output.write([1], at: 0)
    #expect(try folder.read("x") == Array("old".utf8))
    try output.commit(byteCount: 1)
    #expect(try folder.entries == ["x"] && folder.read("x") == [1])
  }

  @Test("a folder in the way is refused, and stays", arguments: [true, false])
  func folderInTheWay(_ replace: Bool) throws {
    let folder = try TemporaryFolder()
    try folder.makeFolder("x")
    #expect(
      message { _ = try OutputFile(folder.file("x"), replace: replace) }
        == "cannot be written: it is a folder")
    #expect(FileSystem.isDirectory(folder.file("x")))
    #expect(try folder.entries == ["x"])
  }

  @Test("a folder that appears meanwhile is refused too, and nothing is left beside it")
  func appearingFolder() throws {
    let folder = try TemporaryFolder()
    let text = message {
      let output = try OutputFile(folder.file("x"), replace: true)
      try folder.makeFolder("x")
      try output.commit(byteCount: 1)
    }
    #expect(text == "cannot be written: Is a directory")
    #expect(try folder.entries == ["x"])
  }

  @Test("a pipe or a device is never replaced by a file", arguments: [true, false])
  func notRegular(_ replace: Bool) throws {
    let folder = try TemporaryFolder()
    #expect(unsafe mkfifo(folder.file("pipe"), 0o600) == 0)
    try folder.link("device", to: "/dev/null")
    for name in ["pipe", "device"] {
      #expect(
        message { _ = try OutputFile(folder.file(name), replace: replace) }
          == "cannot be written: it is not a regular file")
    }
    #expect(try folder.entries == ["device", "pipe"])
  }

  @Test("a symbolic link stays, and the file that it leads to is replaced")
  func link() throws {
    let folder = try TemporaryFolder()
    try folder.makeFolder("elsewhere")
    try folder.write("old", to: "elsewhere/target")
    try folder.link("next", to: "elsewhere/target")
    try folder.link("x", to: folder.file("next"))
    #expect(
      message { _ = try OutputFile(folder.file("x"), replace: false) }
        == "exists already")
    let output = try OutputFile(folder.file("x"), replace: true)
    try output.write([1], at: 0)
    try output.commit(byteCount: 1)
    #expect(FileSystem.isLink(folder.file("x")) && FileSystem.isLink(folder.file("next")))
    #expect(try folder.read("elsewhere/target") == [1])
    #expect(try FileSystem.entries(of: folder.file("elsewhere")) == ["target"])
  }

  @Test("a symbolic link that leads nowhere is refused before any work", arguments: [true, false])
  func danglingLink(_ replace: Bool) throws {
    let folder = try TemporaryFolder()
    try folder.link("x", to: folder.file("missing"))
    #expect(
      message { _ = try OutputFile(folder.file("x"), replace: replace) }
        == "cannot be written: it is a link that leads nowhere")
  }

  @Test(
    "the longest name that a file system has can be written",
    arguments: [String(repeating: "n", count: 255), String(repeating: "é", count: 127)])
  func longName(_ name: String) throws {
    let folder = try TemporaryFolder()
    let output = try OutputFile(folder.file(name), replace: false)
    try output.write([1], at: 0)
    try output.commit(byteCount: 1)
    #expect(try folder.entries == [name])
  }

  @Test("what a killed process left of the file goes with the next start; what is held or another's stays")
  func leftovers() throws {
    let folder = try TemporaryFolder()
    for name in [".x.71.1abc.part", ".other.71.1abc.part", ".x.part", ".x.71.1abc.part.txt"] {
      try folder.write([1], to: name)
    }
    let first = try OutputFile(folder.file("x"), replace: true)
    let second = try OutputFile(folder.file("x"), replace: true)
    try first.commit(byteCount: 0)
    try second.commit(byteCount: 0)
    #expect(Leftovers.takeRemoved(for: folder.file("x")) == [".x.71.1abc.part"])
    #expect(Leftovers.takeRemoved(for: folder.file("x")) == [])
    #expect(try folder.entries == [".other.71.1abc.part", ".x.71.1abc.part.txt", ".x.part", "x"])
  }

  @Test(
    "a name that cannot be written is refused",
    arguments: [
      ("missing/x", "there is no folder “FOLDER/missing”; make it first, as with mkdir -p"),
      ("a/b/x", "there is no folder “FOLDER/a/b”; make it first, as with mkdir -p"),
      ("file/x", "“FOLDER/file” is no folder; name another place"),
      (String(repeating: "n", count: 300), "File name too long"),
    ])
  func impossible(_ name: String, _ text: String) throws {
    let folder = try TemporaryFolder()
    try folder.write("", to: "file")
    let expected = "cannot be written: " + text.replacing("FOLDER", with: folder.path)
    #expect(message { _ = try OutputFile(folder.file(name), replace: false) } == expected)
    if name.contains("/") {
      #expect(message { _ = try NewFolder(folder.file(name)) } == expected)
    }
    #expect(
      message { _ = try OutputFile("/", replace: true) } == "cannot be written: it is a folder")
  }

  @Test("two files of one name can be written at once; the last one stays")
  func twoWriters() throws {
    let folder = try TemporaryFolder()
    let first = try OutputFile(folder.file("x"), replace: true)
    let second = try OutputFile(folder.file("x"), replace: true)
    try first.write([1], at: 0)
    try second.write([2, 2], at: 0)
    try second.commit(byteCount: 2)
    try first.commit(byteCount: 1)
    #expect(try folder.entries == ["x"] && folder.read("x") == [1])
  }
}
