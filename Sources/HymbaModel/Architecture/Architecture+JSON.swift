import FoundationEssentials
import HymbaFormat

extension Architecture {
  /// Reads an architecture from its JSON text.
  ///
  /// An unknown key is an error. A misspelled key, or one that a later version adds, would otherwise give
  /// another model silently.
  /// - Throws: ``ModelError/configuration(_:)`` for text that is no architecture,
  ///   ``ModelError/option(_:found:expected:)`` for a value that no model can have.
  public init(json: [UInt8]) throws(ModelError) {
    // This parser refuses a repeated key. The decoder would silently use one of the two.
    let given: JSONValue
    do throws(FormatError) { given = try JSONValue(parsing: json) } catch {
      throw .configuration("\(error)")
    }
    let document: ArchitectureDocument
    do {
      document = try JSONDecoder().decode(ArchitectureDocument.self, from: Data(json))
    } catch let error as DecodingError {
      throw .configuration(error.sentence)
    } catch {
      throw .configuration("\(error)")
    }
    if let known = try? JSONValue(parsing: document.json),
      let unknown = given.members(missingFrom: known).first
    {
      throw .configuration("an architecture has no “\(unknown.printable)”")
    }
    try self.init(document)
  }

  /// The architecture as compact JSON text with sorted keys. Equal architectures give equal text.
  public var json: [UInt8] { ArchitectureDocument(self).json }

  /// The paths at which two architectures differ, each with both values: `layers.0.mixer…heads: 4 and 2`.
  public func differences(from other: Architecture) -> [String] {
    guard let mine = try? JSONValue(parsing: json), let theirs = try? JSONValue(parsing: other.json)
    else { return [] }
    return Self.differences(mine, theirs, path: [])
  }

  private static func differences(_ a: JSONValue, _ b: JSONValue, path: [String]) -> [String] {
    switch (a, b) {
    case (.object(let a), .object(let b)):
      return Set(a.keys).union(b.keys).sorted().flatMap { key in
        differences(a[key] ?? .null, b[key] ?? .null, path: path + [key])
      }
    case (.array(let a), .array(let b)) where a.count == b.count:
      return zip(a, b).enumerated().flatMap { index, pair in
        differences(pair.0, pair.1, path: path + ["\(index)"])
      }
    default:
      return a == b ? [] : ["\(path.joined(separator: ".")): \(a.summary) and \(b.summary)"]
    }
  }
}

extension DecodingError {
  /// The error as one sentence with the path to the value.
  package var sentence: String {
    func at(_ context: Context, _ last: (any CodingKey)? = nil) -> String {
      let keys = context.codingPath + (last.map { [$0] } ?? [])
      return keys.isEmpty
        ? "at the top"
        : "at "
          + keys.map { $0.intValue.map(String.init) ?? $0.stringValue.printable }
          .joined(separator: ".")
    }
    switch self {
    case .keyNotFound(let key, let context): return "a value is missing \(at(context, key))"
    // The decoder says this of an enum value that names no known kind, or two kinds at once.
    case .typeMismatch(_, let context)
    where context.debugDescription.hasPrefix("Invalid number of keys"):
      return "exactly one of the known kinds is expected \(at(context))"
    case .typeMismatch(_, let context), .valueNotFound(_, let context):
      return "a value of another type is expected \(at(context))"
    case .dataCorrupted(let context):
      // The description repeats text from the file, so it is shortened and made printable.
      return "\(String(context.debugDescription.prefix(120)).printable) \(at(context))"
    @unknown default: return "it does not have the expected form"
    }
  }
}
