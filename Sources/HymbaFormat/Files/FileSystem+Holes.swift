import CLinux
import SystemPackage

#if canImport(Glibc)
  import Glibc
#endif

extension FileSystem {
  /// The most parts with data that are looked at. A file whose download broke off has a few; a pruned model that
  /// was copied sparsely can have any number.
  private static let visitedParts = 4096

  /// The ranges of bytes of a file that were never written, in order. They read as zeros.
  ///
  /// A download that reserves the whole file at first leaves them where it broke off. File systems that know no
  /// holes report none. The corresponding C function is `lseek` with `SEEK_DATA` and `SEEK_HOLE`.
  /// - Returns: The ranges; none where the file cannot be asked.
  /// - Complexity: Reads no data.
  package static func holes(in path: String) -> [Range<Int>] {
    guard
      let file = try? FileDescriptor.open(
        FilePath(path), .readOnly, options: [.nonBlocking, .closeOnExec])
    else { return [] }
    defer { try? file.close() }
    guard let end = try? file.seek(offset: 0, from: .end), end > 0 else { return [] }
    var holes: [Range<Int>] = []
    var position = 0
    for _ in 0..<visitedParts where position < Int(end) {
      // Behind the last data there is nothing to seek, which is an error of its own.
      let data = Int(hymba_seek_data(file.rawValue, off_t(position)))
      guard data >= 0 || errno == ENXIO else { return [] }
      let start = data < 0 ? Int(end) : data
      if start > position { holes.append(position..<start) }
      guard start < Int(end) else { break }
      let next = Int(hymba_seek_hole(file.rawValue, off_t(start)))
      guard next > start else { break }
      position = next
    }
    return holes
  }
}
