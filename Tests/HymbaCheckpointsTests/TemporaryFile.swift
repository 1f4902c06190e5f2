import Foundation
import HymbaCheckpoints
import HymbaFormat
import TestSupport

/// A file that exists as long as the value.
final class TemporaryFile: Sendable {
  let path: String
  private let folder: TemporaryFolder

  init(_ bytes: [UInt8]) throws {
    folder = try TemporaryFolder()
    path = try folder.write(bytes, to: "model.nx")
  }

  /// Sets the length in place, so that who has the file open sees it too.
  func truncate(to count: Int) throws {
    let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
    try handle.truncate(atOffset: UInt64(count))
    try handle.close()
  }

  /// Overwrites bytes in place.
  func write(_ bytes: [UInt8], at offset: Int) throws {
    let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
    try handle.seek(toOffset: UInt64(offset))
    try handle.write(contentsOf: Data(bytes))
    try handle.close()
  }
}

extension TemporaryFile {
  /// The message with which the file is refused; nil when it is not.
  var refusal: String? {
    do {
      _ = try EdificeSource(path)
      return nil
    } catch let error as any Diagnosis {
      return error.description
    } catch {
      return "not a diagnosis: \(error)"
    }
  }
}
