public import HymbaFormat

/// What is known of a recorded reference beside its tensors: the file that it was, and the texts in it.
struct ReferenceRecord: Hashable, Sendable {
  var file: String
  /// The metadata of the file, such as the framework that recorded it.
  var metadata: [String: String]

  /// The keys that say who recorded a reference, in the order in which they are shown.
  private static let authors = ["framework", "version", "versions", "device", "dtype"]

  /// Who recorded the reference; nil where the file does not say it.
  var author: String? {
    let texts = Self.authors.compactMap { metadata[$0] }.filter { !$0.isEmpty }
    return texts.isEmpty ? nil : texts.joined(separator: ", ")
  }

  var json: JSONValue {
    .object(["file": .string(file), "metadata": .object(metadata.mapValues(JSONValue.string))])
  }

  init(file: String, metadata: [String: String]) {
    self.file = file
    self.metadata = metadata
  }

  /// - Returns: Nil for another kind of document.
  init?(_ json: JSONValue) {
    guard case .string(let file)? = json["file"], case .object(let members)? = json["metadata"] else {
      return nil
    }
    self.file = file
    self.metadata = members.compactMapValues { if case .string(let text) = $0 { text } else { nil } }
  }
}

/// Where a reference is, and what it holds. It is part of a report.
public struct ReferenceDescription: Hashable, Sendable, Encodable {
  /// The name of the file, or of the container.
  public let name: String
  /// Whether the container of the weights keeps it.
  public let isKept: Bool
  /// Whether it holds statistics of captures in place of their values.
  public let isStatistics: Bool
  /// Who recorded it; null where the file does not say it.
  @OrNull public private(set) var recordedBy: String?
  /// The file that a kept reference was; null for another one.
  @OrNull public private(set) var file: String?

  private enum CodingKeys: String, CodingKey {
    case name, isKept = "kept", isStatistics = "statistics", recordedBy, file
  }

  init(
    name: String, isKept: Bool = false, isStatistics: Bool = false, recordedBy: String? = nil,
    file: String? = nil
  ) {
    self.name = name
    self.isKept = isKept
    self.isStatistics = isStatistics
    self.recordedBy = recordedBy
    self.file = file
  }
}
