import CHDF5
import Foundation
import HDF5Driver
import TestSupport
import Testing

@testable import HDF5

@Suite("Opening files with the driver", .timeLimit(.minutes(5)))
struct OpeningTests {
  @Test(
    "a file is opened with the size that it has",
    arguments: ["flat.h5", "nested.h5", "big-endian.h5", "szip.h5"])
  func size(_ name: String) throws {
    let file = try DriverFile(fixture(name))
    var size: hsize_t = 0
    try Gate.call { unsafe H5Fget_filesize(file.id.value, &size) }
    let attributes = try FileManager.default.attributesOfItem(atPath: fixture(name))
    #expect(attributes[.size] as? Int == Int(size))
  }

  @Test("a folder, a pipe without a writer and a path that leads to nothing are refused at once")
  func noFiles() throws {
    let folder = try TemporaryFolder()
    let made = unsafe mkfifo(folder.file("pipe"), 0o600)
    #expect(made == 0)
    for path in [folder.path, folder.file("pipe"), folder.file("nothing")] {
      #expect(throws: HDF5Error.library("open failed"), "\(path)") {
        _ = try DriverFile(path)
      }
    }
  }

  @Test("a file is not opened for writing, and stays as it is", arguments: [UInt32(1), 2])
  func writing(_ flags: UInt32) throws {
    let folder = try TemporaryFolder()
    let bytes = try Data(contentsOf: URL(filePath: fixture("flat.h5")))
    let path = try folder.write(Array(bytes), to: "x.h5")
    #expect(throws: HDF5Error.self) { _ = try DriverFile(path, flags: flags) }
    #expect(try folder.read("x.h5") == Array(bytes))
  }

  @Test("a file that another program has locked for writing is refused, and opened afterwards")
  func lock() throws {
    let folder = try TemporaryFolder()
    let bytes = try Data(contentsOf: URL(filePath: fixture("flat.h5")))
    let path = try folder.write(Array(bytes), to: "x.h5")
    let writer = unsafe open(path, O_RDONLY | O_CLOEXEC)
    defer { close(writer) }
    #expect(flock(writer, LOCK_EX | LOCK_NB) == 0)
    #expect(throws: HDF5Error.library("another program is writing it")) { _ = try DriverFile(path) }
    #expect(flock(writer, LOCK_UN) == 0)
    _ = try DriverFile(path)
    #expect(flock(writer, LOCK_EX | LOCK_NB) == 0, "closing gives the driver's own lock back")
  }

  @Test("the path is known while a file is read, and forgotten when it is closed")
  func path() async {
    // In a process of its own: other tests read other files.
    await #expect(processExitsWith: .exitCode(7)) {
      let path = fixture("flat.h5")
      do {
        let file = try DriverFile(path)
        _ = try file.names()
        guard unsafe String(cString: hdf5_reading_path()) == path else { exit(1) }
      }
      guard unsafe String(cString: hdf5_reading_path()).isEmpty else { exit(2) }
      exit(7)
    }
  }
}
