/// A path in its parts, without doubled slashes and without one at the end.
struct FilePath: Hashable, Sendable {
  private let isAbsolute: Bool
  private let parts: [String]

  init(_ text: String) {
    // By bytes: a mark that begins a name makes one character with the slash before it.
    let utf8 = Array(text.utf8)
    self.init(
      isAbsolute: utf8.first == UInt8(ascii: "/"),
      parts: utf8.split(separator: UInt8(ascii: "/")).map { String(decoding: $0, as: UTF8.self) })
  }

  private init(isAbsolute: Bool, parts: [String]) {
    self.isAbsolute = isAbsolute
    self.parts = parts
  }

  var string: String { (isAbsolute ? "/" : "") + parts.joined(separator: "/") }

  var isEmpty: Bool { !isAbsolute && parts.isEmpty }

  /// Nil for the root and the empty path.
  var lastComponent: FilePath? {
    parts.last.map { FilePath(isAbsolute: false, parts: [$0]) }
  }

  func removingLastComponent() -> FilePath {
    FilePath(isAbsolute: isAbsolute, parts: parts.dropLast())
  }

  func appending(_ name: String) -> FilePath {
    FilePath(isAbsolute: isAbsolute, parts: parts + FilePath(name).parts)
  }
}
