import SystemPackage

#if canImport(Glibc)
  import Glibc
#endif

/// A file without a name in the folder for temporary files. It holds data that is too large for memory. It
/// disappears with its owner, however the process ends.
///
/// Several threads may read and write at once, at any positions.
package final class ScratchFile: Sendable {
  private let descriptor: FileDescriptor
  private let folder: String

  /// Creates the file, and removes its name at once.
  /// - Parameter folder: The folder; nil for the one that the environment variable `TMPDIR` names, or `/tmp`.
  /// - Throws: ``FormatError/cannotWrite(_:)`` with the folder in front.
  package init(in folder: String? = nil) throws {
    let folder = folder ?? Self.environmentFolder
    self.folder = folder
    let name = ".hymba.\(getpid()).\(String(UInt64.random(in: .min ... .max), radix: 36)).tmp"
    let path = FileSystem.path(folder, name)
    do {
      self.descriptor = try FileDescriptor.open(
        FilePath(path), .readWrite, options: [.create, .exclusiveCreate, .closeOnExec],
        permissions: .ownerReadWrite)
    } catch let error {
      throw Self.failure(error, in: folder)
    }
    unsafe unlink(path)
  }

  deinit { try? descriptor.close() }

  /// Writes all of `bytes` at byte `offset`.
  /// - Throws: ``FormatError/cannotWrite(_:)`` with the folder in front, also for a full disk.
  package func write(_ bytes: RawSpan, at offset: Int) throws {
    do {
      try unsafe bytes.withUnsafeBytes { buffer in
        _ = try unsafe descriptor.writeAll(toAbsoluteOffset: Int64(offset), buffer)
      }
    } catch let error {
      throw Self.failure(error, in: folder)
    }
  }

  /// Fills `buffer` from byte `offset` of the file on.
  /// - Precondition: The range was written.
  /// - Throws: ``FormatError/cannotRead(_:)`` with the folder in front.
  package func read(at offset: Int, into buffer: inout MutableRawSpan) throws {
    let done: Int
    do {
      done = try descriptor.read(at: offset, into: &buffer)
    } catch let error {
      throw FileDiagnosis(folder, FormatError.cannotRead("a temporary file: \(error)"))
    }
    guard done == buffer.byteCount else {
      throw FileDiagnosis(folder, FormatError.cannotRead("a temporary file is cut short"))
    }
  }

  private static var environmentFolder: String {
    guard let name = unsafe getenv("TMPDIR"), unsafe name.pointee != 0 else { return "/tmp" }
    return unsafe String(cString: name)
  }

  private static func failure(_ error: any Error, in folder: String) -> FileDiagnosis {
    FileDiagnosis(
      folder,
      FormatError.cannotWrite(
        "\(error) (a temporary file with inflated data); name another folder in TMPDIR"))
  }
}
