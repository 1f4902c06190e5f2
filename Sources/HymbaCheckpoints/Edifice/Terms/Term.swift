import HymbaFormat

/// A decoded external term. It is used for metadata, which may be any term.
enum Term: Hashable, Sendable {
  case integer(Int)
  case float(Double)
  case atom(String)
  case binary([UInt8])
  case list([Term])
  case tuple([Term])
  case map([Term: Term])

  /// Reads the next value with all its elements.
  /// - Throws: ``EdificeError/term(_:at:)``.
  init(from reader: inout TermReader) throws(EdificeError) {
    let at = reader.position
    switch try reader.readHead() {
    case .integer(let value): self = .integer(value)
    case .float(let value): self = .float(value)
    case .atom(let name): self = .atom(name)
    case .binary(let bytes): self = .binary(bytes)
    case .string(let elements): self = .list(elements.map { .integer(Int($0)) })
    case .emptyList: self = .list([])
    case .list(let count):
      self = .list(try Self.elements(count, from: &reader))
      try reader.readTail(ofListAt: at)
    case .tuple(let arity): self = .tuple(try Self.elements(arity, from: &reader))
    case .map(let count):
      var members: [Term: Term] = [:]
      try reader.descend { reader throws(EdificeError) in
        for _ in 0..<count {
          let key = try Term(from: &reader)
          let value = try Term(from: &reader)
          guard members.updateValue(value, forKey: key) == nil else {
            throw .term(.duplicateKey(key.summary), at: at)
          }
        }
      }
      self = .map(members)
    }
  }

  private static func elements(
    _ count: Int, from reader: inout TermReader
  ) throws(EdificeError) -> [Term] {
    var elements: [Term] = []
    try reader.descend { reader throws(EdificeError) in
      for _ in 0..<count { elements.append(try Term(from: &reader)) }
    }
    return elements
  }
}

extension Term {
  /// The name of an atom, or the text of a binary. Nil for a binary that is not UTF-8, or that would take too
  /// long to compare because of its combining marks.
  var text: String? {
    switch self {
    case .atom(let name): name
    case .binary(let bytes):
      String(validating: bytes, as: UTF8.self).flatMap { $0.hasTooManyMarks ? nil : $0 }
    default: nil
    }
  }

  /// The value in a few words, for messages.
  var summary: String {
    switch self {
    case .integer(let value): "\(value)"
    case .float(let value): "\(value)"
    case .atom, .binary: text.map { "“\($0.prefix(40).description.printable)”" } ?? "a binary"
    case .list(let elements): "a list of \(elements.count)"
    case .tuple(let elements): "a tuple of \(elements.count)"
    case .map(let members): "a map of \(members.count)"
    }
  }
}
