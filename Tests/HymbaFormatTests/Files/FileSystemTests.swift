import SystemPackage
import TestSupport
import Testing

@testable import HymbaFormat

@Suite("File system")
struct FileSystemTests {
  @Test("the entries of a folder are sorted, without the folder itself")
  func entries() throws {
    let folder = try TemporaryFolder()
    for name in ["b", "a", ".hidden"] { try folder.write("", to: name) }
    #expect(try FileSystem.entries(of: folder.path) == [".hidden", "a", "b"])
    #expect(
      message { _ = try FileSystem.entries(of: folder.file("missing")) } == "no such file or folder"
    )
    #expect(
      message { _ = try FileSystem.entries(of: folder.file("a")) } == "no such file or folder")
  }

  @Test("a folder is created once, and a file in the way is an error")
  func createDirectory() throws {
    let folder = try TemporaryFolder()
    try FileSystem.createDirectory(folder.file("new"))
    try FileSystem.createDirectory(folder.file("new"))
    #expect(FileSystem.isDirectory(folder.file("new")))
    try folder.write("", to: "file")
    #expect(
      message { try FileSystem.createDirectory(folder.file("file")) }
        == "cannot be written: File exists")
    #expect(
      !FileSystem.isDirectory(folder.file("file"))
        && !FileSystem.isDirectory(folder.file("missing")))
  }

  @Test("more bytes than the disk has are refused")
  func freeBytes() throws {
    let folder = try TemporaryFolder()
    try FileSystem.requireFreeBytes(1, forFileAt: folder.file("x"))
    let available = try #require(FileSystem.freeBytes(forFileAt: folder.file("x")))
    #expect(available > 0 && available < .max)
    #expect(
      message { try FileSystem.requireFreeBytes(.max, forFileAt: folder.file("x")) }?
        .hasPrefix("needs up to 9223372036854775807 bytes of disk space and ") == true)
    #expect(
      FormatError.notEnoughSpace(needed: 5, available: 3).description
        == "needs up to 5 bytes of disk space and 3 are free")
  }

  @Test(
    "paths are taken apart and put together",
    arguments: [
      ("a/b/c.x", "c.x", "a/b"), ("c.x", "c.x", "."), ("/c.x", "c.x", "/"), ("a/b/", "b", "a"),
    ])
  func paths(_ path: String, _ name: String, _ folder: String) {
    #expect(FileSystem.name(of: path) == name && FileSystem.folder(of: path) == folder)
    #expect(FileSystem.path("a/b", "c") == "a/b/c")
  }

  @Test("names that may not be on the disk are an error, a folder that cannot be flushed is none")
  func flush() throws {
    let folder = try TemporaryFolder()
    try FileSystem.flush(folder: folder.path)
    #expect(
      message { try FileSystem.flush(folder: folder.file("missing")) }
        == "cannot be written: its folder cannot be flushed to the disk: No such file or directory")
    // A file system without such a thing, and one that is read-only.
    try FileSystem.flush(folder: "/proc")
    for error in [Errno.invalidArgument, .notSupported, .permissionDenied] {
      #expect(FileSystem.isHarmless(error))
    }
    for error in [Errno.ioError, .noSpace, .diskQuotaExceeded] {
      #expect(!FileSystem.isHarmless(error))
    }
  }
}
