import CZstd

/// What the Zstandard library found wrong.
package enum ZstandardError: Error, Equatable, CustomStringConvertible {
  case outOfMemory
  /// The library's own words for its error.
  case library(String)
  case wrongSize(expected: Int, found: Int)
  /// Several frames, or one of a version before 1.0, which the library would decode too.
  case notOneFrame

  init(code: Int) {
    // The library returns constant, zero-terminated text for every code.
    self = unsafe .library(String(cString: ZSTD_getErrorName(code)))
  }

  package var description: String {
    switch self {
    case .outOfMemory: "no memory for a Zstandard context"
    case .library(let text): text
    case .wrongSize(let expected, let found): "a frame holds \(found) bytes instead of \(expected)"
    case .notOneFrame: "not exactly one Zstandard frame"
    }
  }
}
