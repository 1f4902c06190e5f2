import HymbaFormat

/// Why the file of a benchmark is not drawn.
struct UndrawnFile: Diagnosis {
  let description: String

  var kind: FailureKind { .unreadable }
}

/// The rows of a CSV file whose fields have no quotes, with the names that its first line gives.
struct MeasuredRows {
  let rows: [[String: String]]

  /// - Throws: A failure that names the line whose fields are not those of the first.
  init(_ text: String) throws {
    let lines = text.split { $0.isNewline }.map {
      $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    }
    guard let names = lines.first, lines.count > 1, Set(names).count == names.count else {
      throw UndrawnFile(description: "it has no rows of named fields")
    }
    rows = try lines.dropFirst().enumerated().map { index, fields in
      guard fields.count == names.count else {
        throw UndrawnFile(description: "line \(index + 2) has \(fields.count) fields; expected \(names.count)")
      }
      return Dictionary(uniqueKeysWithValues: zip(names, fields))
    }
  }

  /// The rows of which a field has a value, in their order.
  func rows(_ field: String, _ value: String) -> [[String: String]] { rows.filter { $0[field] == value } }

  /// The values of a field, each once, in the order in which they come.
  func values(_ field: String, in rows: [[String: String]]) -> [String] {
    var seen: Set<String> = []
    return rows.compactMap { $0[field] }.filter { seen.insert($0).inserted }
  }

  /// - Throws: A failure where the field is missing or no number.
  func number(_ field: String, of row: [String: String]) throws -> Double {
    guard let text = row[field], let value = Double(text), value.isFinite else {
      throw UndrawnFile(description: "a row has no number in the field \(field)")
    }
    return value
  }
}
