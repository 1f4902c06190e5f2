import CZstd

/// An error of the Zstandard library, or of a frame that is not as expected.
package enum ZstandardError: Error, Equatable, CustomStringConvertible {
  case outOfMemory
  /// The library's own text for its error.
  case library(String)
  case wrongSize(expected: Int, found: Int)
  /// Not exactly one frame: several frames, or a frame of a format before 1.0, which the library would also
  /// decode.
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
