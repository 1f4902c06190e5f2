/// What the HDF5 library, or this module before calling it, found wrong.
public enum HDF5Error: Error, Equatable, CustomStringConvertible {
  /// The library's own words for the innermost cause.
  case library(String)
  /// More of something than the caller accepts.
  case tooMany(String, limit: Int)
  /// A name in the file is not UTF-8.
  case notUTF8
  /// A read asked for another number of bytes than its elements take.
  case wrongSize(expected: Int, found: Int)

  public var description: String {
    switch self {
    case .library(let text): text
    case .tooMany(let what, let limit): "more than \(limit) \(what)"
    case .notUTF8: "a name in it is not UTF-8"
    case .wrongSize(let expected, let found):
      "\(found) bytes were asked of elements with \(expected)"
    }
  }
}
