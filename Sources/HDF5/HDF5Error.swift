/// An error that the HDF5 library reported, or that this module found before it called the library.
package enum HDF5Error: Error, Equatable, CustomStringConvertible {
  /// The innermost cause of a failure, in the library's words.
  case library(String)
  /// There is more of something than the caller accepts.
  case tooMany(String, limit: Int)
  case unsupported(String)
  /// A stored chunk decodes to another number of bytes than `expected`. When it is larger, `found` may be less
  /// than its whole size.
  case wrongChunk(expected: Int, found: Int)
  /// The name of a link is longer than the caller accepts.
  case longName
  /// The name of a link is not UTF-8. The name is given as Python writes bytes.
  case notUTF8(String)
  /// A buffer has another number of bytes than the elements to read, or a block another rank than the dataset.
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
  /// Whether the library had too little memory, which is no fault of the file.
  package var isShortOfMemory: Bool {
    guard case .library(let text) = self else { return false }
    return text.hasPrefix("memory allocation failed") || text.hasPrefix("no space available")
  }
}
