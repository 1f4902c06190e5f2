extension Layout {
  /// A name that a checkpoint of the layout must have, or several names of which it must have at least one. The
  /// options of the model decide which of several are there. In the document it is a text or a list of texts.
  ///
  /// In ``Layout/unlike`` it is a name that the checkpoint must not have, or several that it must not all have.
  public struct Mark: Hashable, Sendable, Codable, ExpressibleByStringLiteral {
    public let names: [String]

    public init(names: [String]) { self.names = names }

    public init(stringLiteral name: String) { self.init(names: [name]) }

    public init(from decoder: any Decoder) throws {
      let container = try decoder.singleValueContainer()
      self.names =
        try (try? container.decode(String.self)).map { [$0] } ?? container.decode([String].self)
    }

    public func encode(to encoder: any Encoder) throws {
      var container = encoder.singleValueContainer()
      if names.count == 1 { try container.encode(names[0]) } else { try container.encode(names) }
    }

    /// The names as messages list them.
    var text: String { names.joined(separator: " or ") }
  }
}
