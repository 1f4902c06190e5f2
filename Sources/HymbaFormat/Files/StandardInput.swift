import Synchronization
import SystemPackage

/// Standard input, from which a small document may be read in place of a file.
package enum StandardInput {
  /// The path that stands for standard input.
  package static let path = "-"
  /// The name of standard input in messages.
  package static let name = "standard input"

  /// The bytes that were read. They are read once, as they are gone afterwards, and all who ask get the same.
  private static let known = Mutex<[UInt8]?>(nil)

  /// All bytes, up to the end.
  /// - Throws: ``FormatError/cannotRead(_:)`` for more than `limit` bytes, and when reading fails.
  static func contents(limit: Int) throws(FormatError) -> [UInt8] {
    let bytes: Result<[UInt8], FormatError> = known.withLock { known in
      if let known { return .success(known) }
      do throws(FormatError) {
        let bytes = try read(limit: limit)
        known = bytes
        return .success(bytes)
      } catch {
        return .failure(error)
      }
    }
    let all = try bytes.get()
    guard all.count <= limit else { throw tooLarge(limit) }
    return all
  }

  private static func read(limit: Int) throws(FormatError) -> [UInt8] {
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count: Int
      do {
        count = try unsafe buffer.withUnsafeMutableBytes { try unsafe FileDescriptor.standardInput.read(into: $0) }
      } catch let error {
        throw .cannotRead("\(error)")
      }
      guard count > 0 else { return bytes }
      bytes += buffer[..<count]
      guard bytes.count <= limit else { throw tooLarge(limit) }
    }
  }

  private static func tooLarge(_ limit: Int) -> FormatError {
    .cannotRead("it has more than \(limit) bytes, and at most these are accepted here")
  }
}

extension InputFile {
  /// The contents of a document that a user names: a small file, or standard input where the path is `-`.
  /// - Throws: As ``contents(of:limit:)``.
  package static func document(_ path: String, limit: Int) throws(FormatError) -> [UInt8] {
    guard path == StandardInput.path else { return try contents(of: path, limit: limit) }
    return try StandardInput.contents(limit: limit)
  }
}
