import HymbaFormat

/// The name of a tensor with placeholders: `hymba_block_{layer+1}_norm.gamma`, `{name}`.
///
/// The ``placeholders`` stand for numbers without leading zeros. `{layer+1}` stands for the number plus a
/// constant. `{name}` stands for any name, and must be at the end. A placeholder that occurs twice stands for
/// the same number.
package struct NamePattern: Hashable, Sendable {
  enum Part: Hashable, Sendable {
    case literal(String)
    case number(String, offset: Int)
    case anyName
  }

  /// The placeholders for numbers. `block` is a shared block, `use` is one application of it, counted over all
  /// layers that apply one, and `host` is a layer under which a checkpoint keeps a shared tensor.
  static let placeholders = ["layer", "expert", "block", "use", "host"]

  package let text: String
  let parts: [Part]

  /// - Throws: ``ConversionError/layoutInvalid(_:)`` for braces without a known placeholder, for `{name}`
  ///   before the end, and for a text that is empty or too long.
  package init(_ text: String) throws(ConversionError) {
    guard !text.isEmpty else { throw .layoutInvalid("a name is empty") }
    guard text.utf8.count <= Limits.nameBytes else {
      throw .layoutInvalid(
        "the name “\(text.prefix(32).description.printable)…” is longer than \(Limits.nameBytes) bytes"
      )
    }
    func invalid() -> ConversionError {
      .layoutInvalid(
        "the name “\(text.printable)” has a placeholder that is not \(Self.placeholders.map { "{\($0)}" }.joined(separator: ", ")) or {name}"
      )
    }
    var parts: [Part] = []
    var rest = text[...]
    while let open = rest.firstIndex(of: "{") {
      guard let close = rest[open...].firstIndex(of: "}") else { throw invalid() }
      if open > rest.startIndex { parts.append(.literal(String(rest[..<open]))) }
      let inside = rest[rest.index(after: open)..<close]
      let pieces = inside.split(separator: "+", omittingEmptySubsequences: false)
      let placeholder = String(pieces[0])
      if inside == "name" {
        parts.append(.anyName)
      } else {
        guard Self.placeholders.contains(placeholder), pieces.count <= 2,
          let offset = pieces.count == 1 ? 0 : Int(pieces[1]), (0...1000).contains(offset)
        else { throw invalid() }
        parts.append(.number(placeholder, offset: offset))
      }
      rest = rest[rest.index(after: close)...]
    }
    if !rest.isEmpty { parts.append(.literal(String(rest))) }
    guard !parts.dropLast().contains(.anyName) else {
      throw .layoutInvalid("the name “\(text.printable)” has a {name} that is not its end")
    }
    self.text = text
    self.parts = parts
  }

  /// The ``placeholders`` that occur in the pattern.
  package var numbers: Set<String> {
    Set(parts.compactMap { if case .number(let name, _) = $0 { name } else { nil } })
  }

  package var standsForAnyName: Bool { parts.contains(.anyName) }

  /// The pattern with values in place of the placeholders; nil where a placeholder has no value.
  /// - Parameter name: The value of `{name}`.
  package func expanded(_ values: [String: Int], name: String? = nil) -> String? {
    var out = ""
    for part in parts {
      switch part {
      case .literal(let text): out += text
      case .number(let key, let offset):
        guard let value = values[key] else { return nil }
        out += String(value + offset)
      case .anyName:
        guard let name else { return nil }
        out += name
      }
    }
    return out
  }

  /// The values of the number placeholders with which the pattern gives `name`; nil where it cannot give it.
  /// - Complexity: Linear in the length of `name`.
  package func match(_ name: String) -> [String: Int]? {
    // The end is compared first, as many names have the same beginning.
    if case .literal(let end)? = parts.last, !name.utf8HasSuffix(end) { return nil }
    // At most a few placeholders are in here. A dictionary is only made for a name that matches.
    var values: [(key: String, value: Int)] = []
    var rest = name.utf8Span.span
    for part in parts {
      switch part {
      case .literal(let text):
        guard rest.starts(with: text) else { return nil }
        rest = rest.extracting(droppingFirst: text.utf8.count)
      case .number(let key, let offset):
        guard let (number, digits) = rest.leadingNumber, number >= offset else { return nil }
        let value = number - offset
        if let known = values.first(where: { $0.key == key })?.value {
          guard known == value else { return nil }
        } else {
          values.append((key, value))
        }
        rest = rest.extracting(droppingFirst: digits)
      case .anyName: return Dictionary(uniqueKeysWithValues: values)
      }
    }
    return rest.isEmpty ? Dictionary(uniqueKeysWithValues: values) : nil
  }
}

extension Span<UInt8> {
  fileprivate func starts(with text: String) -> Bool {
    let text = text.utf8Span.span
    guard text.count <= count else { return false }
    for index in text.indices where self[index] != text[index] { return false }
    return true
  }

  /// The number at the beginning of these bytes, in decimal digits; nil where there is none, where it has
  /// leading zeros, and where it has more than nine digits.
  fileprivate var leadingNumber: (value: Int, digits: Int)? {
    var value = 0
    var digits = 0
    while digits < count, case let digit = self[digits], UInt8(ascii: "0")...UInt8(ascii: "9") ~= digit {
      guard digits < 9, digits == 0 || value > 0 else { return nil }
      value = value * 10 + Int(digit - UInt8(ascii: "0"))
      digits += 1
    }
    return digits > 0 ? (value, digits) : nil
  }
}
