extension Term {
  /// The term in the Erlang External Term Format, as OTP 26 and later write it. It begins with the version byte
  /// 131.
  var external: [UInt8] {
    var out = [TermTag.version]
    append(to: &out)
    return out
  }

  /// - Precondition: No atom is longer than 255 bytes. This module writes no longer ones.
  private func append(to out: inout [UInt8]) {
    switch self {
    case .integer(let value): Self.append(value, to: &out)
    case .float(let value):
      out.append(TermTag.newFloat.rawValue)
      out += Self.bigEndian(value.bitPattern, bytes: 8)
    case .atom(let name):
      let name = name.utf8.prefix(Int(UInt8.max))
      out += [TermTag.smallAtomUTF8.rawValue, UInt8(name.count)] + name
    case .binary(let bytes): Self.append(.binary, bytes.count, to: &out, bytes)
    case .list(let elements):
      if !elements.isEmpty {
        Self.append(.list, elements.count, to: &out)
        for element in elements { element.append(to: &out) }
      }
      // The tail of a list, or all of an empty list.
      out.append(TermTag.emptyList.rawValue)
    case .tuple(let elements):
      if let arity = UInt8(exactly: elements.count) {
        out += [TermTag.smallTuple.rawValue, arity]
      } else {
        Self.append(.largeTuple, elements.count, to: &out)
      }
      for element in elements { element.append(to: &out) }
    case .map(let members):
      Self.append(.map, members.count, to: &out)
      // A map has no order. Sorting makes equal terms give equal bytes.
      for (key, value) in members.map({ ($0.key.bytes, $0.value) })
        .sorted(by: { $0.0.lexicographicallyPrecedes($1.0) })
      {
        out += key
        value.append(to: &out)
      }
    }
  }

  private var bytes: [UInt8] {
    var out: [UInt8] = []
    append(to: &out)
    return out
  }

  private static func append(_ value: Int, to out: inout [UInt8]) {
    if let small = UInt8(exactly: value) {
      out += [TermTag.smallInteger.rawValue, small]
    } else if let word = Int32(exactly: value) {
      out.append(TermTag.integer.rawValue)
      out += bigEndian(UInt64(UInt32(bitPattern: word)), bytes: 4)
    } else {
      out += [TermTag.smallBig.rawValue, 8, value < 0 ? 1 : 0]
      out += bigEndian(UInt64(value.magnitude), bytes: 8).reversed()
    }
  }

  /// - Precondition: `count` fits in 32 bits, as every count does that this module writes.
  private static func append(
    _ tag: TermTag, _ count: Int, to out: inout [UInt8], _ content: [UInt8] = []
  ) {
    out.append(tag.rawValue)
    out += bigEndian(UInt64(count), bytes: 4)
    out += content
  }

  static func bigEndian(_ value: UInt64, bytes: Int) -> [UInt8] {
    (0..<bytes).map { UInt8(truncatingIfNeeded: value >> UInt64(8 * (bytes - 1 - $0))) }
  }
}

extension Term {
  /// A binary, which is what Elixir's strings are.
  static func text(_ text: String) -> Term { .binary(Array(text.utf8)) }
}
