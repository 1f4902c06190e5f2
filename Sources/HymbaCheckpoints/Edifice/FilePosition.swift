/// Where in a checkpoint something was found.
public enum FilePosition: Equatable, Sendable {
  /// A byte of the file.
  case file(Int)
  /// A byte of the tensor section after inflating, in a compressed file.
  case inflated(Int)

  func advanced(by count: Int) -> FilePosition {
    switch self {
    case .file(let offset): .file(offset + count)
    case .inflated(let offset): .inflated(offset + count)
    }
  }
}

extension FilePosition: CustomStringConvertible {
  public var description: String {
    switch self {
    case .file(let offset): "byte \(offset)"
    case .inflated(let offset): "byte \(offset) after inflating"
    }
  }
}
