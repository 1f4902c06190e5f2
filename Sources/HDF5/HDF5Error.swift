/// What the HDF5 library, or this module before calling it, found wrong.
package enum HDF5Error: Error, Equatable, CustomStringConvertible {
  /// The library's own words for the innermost cause.
  case library(String)
  /// More of something than the caller accepts.
  case tooMany(String, limit: Int)
  case unsupported(String)
  /// A stored chunk that decodes to another size than it has to, or to at least the size that was found.
  case wrongChunk(expected: Int, found: Int)
  /// The name of a link is longer than the caller accepts.
  case longName
  /// The name of a link is not UTF-8; as Python writes its bytes.
  case notUTF8(String)
  /// A read asked for another number of bytes than its elements take.
  case wrongSize(expected: Int, found: Int)

  package var description: String {
    switch self {
    case .library(let text): text
    case .tooMany(let what, let limit): "more than \(limit) \(what)"
    case .unsupported(let what): what
    case .wrongChunk(let expected, let found):
      "a chunk decodes to \(found) bytes instead of \(expected)"
    case .longName: "a name in it is too long"
    case .notUTF8(let name): "the name \(name) in it is not UTF-8"
    case .wrongSize(let expected, let found):
      "\(found) bytes were asked of elements with \(expected)"
    }
  }
}

extension HDF5Error {
  /// Whether the library found no room, which is no fault of the file.
  package var isShortOfMemory: Bool {
    guard case .library(let text) = self else { return false }
    return text.hasPrefix("memory allocation failed") || text.hasPrefix("no space available")
  }
}
