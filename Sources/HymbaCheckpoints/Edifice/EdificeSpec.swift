import FoundationEssentials
import HymbaFormat

/// The spec that `Edifice.Checkpoint.save/3` embeds: which architecture, built with which options.
enum EdificeSpec {
  /// The keys of the spec that become the configuration.
  static let keys: Set<Term> = [.atom("arch"), .atom("build_opts")]

  /// The spec as JSON, `{"arch": …, "build_opts": {…}}`, compact and with sorted keys.
  /// - Throws: ``EdificeError/specInvalid(_:)``.
  static func json(of fields: [Term: Term]) throws -> String {
    guard case .atom(let architecture)? = fields[.atom("arch")] else {
      throw EdificeError.specInvalid("“arch” is missing or not an atom")
    }
    guard case .list(let pairs)? = fields[.atom("build_opts")] else {
      throw EdificeError.specInvalid("“build_opts” is missing or not a list")
    }
    var options: [String: JSONValue] = [:]
    for pair in pairs {
      guard case .tuple(let pair) = pair, pair.count == 2, case .atom(let key)? = pair.first,
        let value = pair.last
      else { throw EdificeError.specInvalid("“build_opts” is not a keyword list") }
      // In a keyword list the first of repeated keys wins.
      if options[key] == nil { options[key] = try JSONValue(value) }
    }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    let spec = JSONValue.object(["arch": .string(architecture), "build_opts": .object(options)])
    return String(decoding: try encoder.encode(spec), as: UTF8.self)
  }
}

extension JSONValue {
  /// Atoms become strings, except `true`, `false` and `nil`. Lists and tuples become arrays.
  fileprivate init(_ term: Term) throws(EdificeError) {
    switch term {
    case .integer(let value): self = .integer(value)
    case .float(let value): self = .number(value)
    case .atom("true"): self = .bool(true)
    case .atom("false"): self = .bool(false)
    case .atom("nil"): self = .null
    case .atom(let name): self = .string(name)
    case .binary:
      guard let text = term.text else {
        throw .specInvalid(
          "an option is not UTF-8, or has more than \(Limits.combiningMarks) combining marks in a row"
        )
      }
      self = .string(text)
    case .list(let elements), .tuple(let elements):
      var values: [JSONValue] = []
      for element in elements { values.append(try JSONValue(element)) }
      self = .array(values)
    case .map(let members):
      var values: [String: JSONValue] = [:]
      for (key, value) in members {
        guard let name = key.text else {
          throw .specInvalid("an option has the key \(key.summary), which is no text")
        }
        guard values.updateValue(try JSONValue(value), forKey: name) == nil else {
          throw .specInvalid("an option has the key \(key.summary) twice")
        }
      }
      self = .object(values)
    }
  }
}
