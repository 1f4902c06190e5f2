import HymbaFormat

/// Reading values of a known kind. In each function, `what` names the expected value in the error's message.
extension TermReader {
  mutating func readInteger(_ what: String) throws(EdificeError) -> Int {
    let at = position
    let head = try readHead()
    guard case .integer(let value) = head else { throw .unexpected(head, what, at) }
    return value
  }

  mutating func readAtom(_ what: String) throws(EdificeError) -> String {
    let at = position
    let head = try readHead()
    guard case .atom(let name) = head else { throw .unexpected(head, what, at) }
    return name
  }

  /// Reads the atom `name`. Any other value is an error.
  mutating func readAtom(_ name: String, _ what: String) throws(EdificeError) {
    let at = position
    let head = try readHead()
    guard case .atom(name) = head else { throw .unexpected(head, what, at) }
  }

  /// Reads a UTF-8 binary, or an atom.
  mutating func readName(_ what: String) throws(EdificeError) -> String {
    let at = position
    let head = try readHead()
    switch head {
    case .atom(let name): return name
    case .binary(let bytes):
      guard let name = String(validating: bytes, as: UTF8.self) else {
        throw .term(.notUTF8, at: at)
      }
      return name
    default: throw .unexpected(head, what, at)
    }
  }

  /// Reads a tuple.
  /// - Parameter elements: Gets the number of elements, and must read as many values.
  mutating func readTuple(
    _ what: String, _ elements: (inout TermReader, Int) throws(EdificeError) -> Void
  ) throws(EdificeError) {
    let at = position
    let head = try readHead()
    guard case .tuple(let arity) = head else { throw .unexpected(head, what, at) }
    try descend { reader throws(EdificeError) in try elements(&reader, arity) }
  }

  /// Reads a tuple of `arity` elements.
  /// - Parameter elements: Must read all of them.
  mutating func readTuple(
    of arity: Int, _ what: String, _ elements: (inout TermReader) throws(EdificeError) -> Void
  ) throws(EdificeError) {
    let at = position
    try readTuple(what) { reader, found throws(EdificeError) in
      guard found == arity else { throw .unexpected(.tuple(found), what, at) }
      try elements(&reader)
    }
  }

  /// Reads a proper list.
  /// - Parameter element: Must read one element.
  /// - Returns: The number of elements.
  mutating func readList(
    _ what: String, _ element: (inout TermReader) throws(EdificeError) -> Void
  ) throws(EdificeError) -> Int {
    let at = position
    let head = try readHead()
    switch head {
    case .emptyList: return 0
    case .list(let count):
      try descend { reader throws(EdificeError) in
        for _ in 0..<count { try element(&reader) }
      }
      try readTail(ofListAt: at)
      return count
    default: throw .unexpected(head, what, at)
    }
  }
}

extension EdificeError {
  static func unexpected(
    _ head: TermReader.Head, _ what: String, _ at: FilePosition
  ) -> EdificeError {
    .term(.unexpected(expected: what, found: head.summary), at: at)
  }
}

extension TermReader.Head {
  /// The value in a few words, for messages.
  var summary: String {
    switch self {
    case .integer(let value): "the integer \(value)"
    case .float(let value): "the float \(value)"
    case .atom(let name): "the atom “\(name.printable)”"
    case .binary(let bytes): "a binary of \(bytes.count) bytes"
    case .string(let elements): "a list of \(elements.count) integers"
    case .emptyList: "an empty list"
    case .list(let count): "a list of \(count)"
    case .tuple(let arity): "a tuple of \(arity)"
    case .map(let count): "a map of \(count)"
    }
  }
}
