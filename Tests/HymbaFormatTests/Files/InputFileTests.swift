import HymbaFormat
import TestSupport
import Testing

#if canImport(Glibc)
  import Glibc
#endif

@Suite("Input file")
struct InputFileTests {
  @Test("any range is read, up to the end")
  func ranges() throws {
    let folder = try TemporaryFolder()
    let bytes = Random.bytes(20)
    let file = try InputFile(folder.write(bytes, to: "x"))
    #expect(file.byteCount == 20 && file.path == folder.file("x"))
    for start in 0...20 {
      for end in start...20 {
        #expect(try file.bytes(at: start, count: end - start) == Array(bytes[start..<end]))
      }
    }
  }

  @Test(
    "a range beyond the end is refused",
    arguments: [
      (0, 21, "the file ends early: 21 bytes at offset 0 were expected, but it has 20 bytes"),
      (20, 1, "the file ends early: 1 bytes at offset 20 were expected, but it has 20 bytes"),
      (21, 0, "the file ends early: 0 bytes at offset 21 were expected, but it has 20 bytes"),
      (-1, 1, "the file ends early: 1 bytes at offset -1 were expected, but it has 20 bytes"),
      (
        Int.max, 2,
        "the file ends early: 2 bytes at offset 9223372036854775807 were expected, but it has 20 bytes"
      ),
      (
        1, Int.max,
        "the file ends early: 9223372036854775807 bytes at offset 1 were expected, but it has 20 bytes"
      ),
      (0, -1, "the file ends early: -1 bytes at offset 0 were expected, but it has 20 bytes"),
    ])
  func beyond(_ offset: Int, _ count: Int, _ text: String) throws {
    let folder = try TemporaryFolder()
    let file = try InputFile(folder.write(Random.bytes(20), to: "x"))
    #expect(message { _ = try file.bytes(at: offset, count: count) } == text)
  }

  @Test("a missing file, a folder and a device are no input")
  func otherThings() throws {
    let folder = try TemporaryFolder()
    try folder.makeFolder("folder")
    try folder.write("x", to: "file")
    let noFile =
      "this is a pipe, a socket or a device and no file; save what comes from it to a file first"
    #expect(message { _ = try InputFile(folder.file("missing")) } == "no such file or folder")
    #expect(message { _ = try InputFile(folder.file("file/x")) } == "no such file or folder")
    #expect(message { _ = try InputFile("") } == "no such file or folder")
    #expect(
      message { _ = try InputFile(folder.file("folder")) }
        == "this is a folder, and a file is expected")
    #expect(message { _ = try InputFile("/dev/zero") } == noFile)
    try folder.link("loop", to: folder.file("loop"))
    #expect(
      message { _ = try InputFile(folder.file("loop")) }
        == "is a link that leads back to itself")
  }

  @Test("a link that leads nowhere is named with what it says")
  func deadLink() throws {
    let folder = try TemporaryFolder()
    try folder.link("dead", to: "../blobs/gone")
    let error = #expect(throws: FormatError.self) { try InputFile(folder.file("dead")) }
    #expect(error.map { "\($0)" } == "is a link to ../blobs/gone, which is not there")
    #expect(error?.kind == .noInput)
  }

  @Test("a socket is refused like a pipe")
  func socket() throws {
    let descriptor = Glibc.socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(descriptor) }
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    // The address holds no more than a hundred bytes, and the folder's own path may have more.
    let folder = try TemporaryFolder()
    let place = unsafe open(folder.path, O_RDONLY | O_DIRECTORY)
    defer { close(place) }
    let path = Array("/proc/self/fd/\(place)/socket".utf8)
    unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: path) }
    let bound = unsafe withUnsafePointer(to: &address) {
      unsafe $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        unsafe bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    #expect(bound == 0)
    #expect(
      message { _ = try InputFile(folder.file("socket")) }
        == "this is a pipe, a socket or a device and no file; save what comes from it to a file first"
    )
  }

  @Test("a pipe is refused at once, without waiting for a writer", .timeLimit(.minutes(5)))
  func pipe() throws {
    let folder = try TemporaryFolder()
    #expect(unsafe mkfifo(folder.file("pipe"), 0o600) == 0)
    #expect(
      message { _ = try InputFile(folder.file("pipe")) }
        == "this is a pipe, a socket or a device and no file; save what comes from it to a file first"
    )
  }

  @Test("a file of /proc, whose size is 0 whatever it holds, reads as an empty one")
  func proc() throws {
    #expect(
      message { _ = try SafetensorsSource("/proc/self/maps") }
        == "not a safetensors file: it has 0 bytes, and the header's length alone takes 8")
  }

  @Test("a symbolic link is followed")
  func link() throws {
    let folder = try TemporaryFolder()
    try folder.write([1, 2], to: "x")
    try folder.link("y", to: folder.file("x"))
    #expect(try InputFile(folder.file("y")).bytes(at: 0, count: 2) == [1, 2])
  }

  @Test("a file that shrinks after it was opened is an error, not a trap")
  func shrinking() throws {
    let folder = try TemporaryFolder()
    let file = try InputFile(folder.write(Random.bytes(20), to: "x"))
    try cutFile(folder.file("x"), to: 12)
    #expect(try file.bytes(at: 0, count: 12).count == 12)
    #expect(
      message { _ = try file.bytes(at: 10, count: 5) }
        == "the file ends early: 5 bytes at offset 10 were expected, but it has 12 bytes")
  }

  @Test("a file that is replaced after it was opened is still the one that was opened")
  func replaced() throws {
    let folder = try TemporaryFolder()
    let file = try InputFile(folder.write([1, 2, 3], to: "x"))
    let output = try OutputFile(folder.file("x"), replace: true)
    try output.write([9, 9, 9], at: 0)
    try output.commit(byteCount: 3)
    #expect(try file.bytes(at: 0, count: 3) == [1, 2, 3])
  }

  @Test("the whole of a small file is read, a larger one is refused")
  func contents() throws {
    let folder = try TemporaryFolder()
    let path = try folder.write("12345", to: "x")
    #expect(try InputFile.contents(of: path, limit: 5) == Array("12345".utf8))
    #expect(
      message { _ = try InputFile.contents(of: path, limit: 4) }
        == "cannot be read: it has 5 bytes, and at most 4 are accepted here")
  }
}
