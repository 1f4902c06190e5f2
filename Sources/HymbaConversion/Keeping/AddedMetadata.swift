import HymbaCheckpoints
package import HymbaFormat

/// Metadata that a user adds to that of a checkpoint, as texts by key.
package struct AddedMetadata: Hashable, Sendable {
  private let pairs: [Pair]

  private struct Pair: Hashable, Sendable {
    let key: String
    let value: String
  }

  /// - Parameter arguments: Texts of the form `KEY=VALUE`.
  /// - Throws: ``ConversionError/metadata(_:)`` for another form, for control characters, and for a key that has a
  ///   meaning of its own or is given twice with different values.
  package init(_ arguments: [String]) throws(ConversionError) {
    var known: NameTable<String> = [:]
    var pairs: [Pair] = []
    for argument in arguments {
      let shown = "“\(argument.prefix(Self.shownCharacters).description.printable)”"
      guard let sign = argument.firstIndex(of: "="), sign != argument.startIndex else {
        throw .metadata("\(shown) is not of the form KEY=VALUE")
      }
      let pair = Pair(key: String(argument[..<sign]), value: String(argument[sign...].dropFirst()))
      guard !argument.hasControlCharacters else {
        throw .metadata("\(shown) has control or format characters")
      }
      guard !Self.isReserved(pair.key) else {
        throw .metadata("the key “\(pair.key.printable)” has a meaning of its own; name another")
      }
      guard known[pair.key] == nil || known[pair.key] == pair.value else {
        throw .metadata("the key “\(pair.key.printable)” is given twice, with different values")
      }
      if known.insert(pair.value, for: pair.key) { pairs.append(pair) }
    }
    self.pairs = pairs
  }

  /// The metadata together with those of a source.
  /// - Throws: ``ConversionError/metadata(_:)`` for a key that the source has with another value.
  package func added(to source: NameTable<String>) throws(ConversionError) -> NameTable<String> {
    var metadata = source
    for pair in pairs where !metadata.insert(pair.value, for: pair.key) {
      guard metadata[pair.key]?.utf8.elementsEqual(pair.value.utf8) == true else {
        throw .metadata(
          "the checkpoint has the metadata “\(pair.key.printable)” already, with another value")
      }
    }
    return metadata
  }

  /// The keys that libraries or this suite read, and that say what a file is.
  private static func isReserved(_ key: String) -> Bool {
    key.utf8.starts(with: "hymba.".utf8) || ["format", "__metadata__"].contains(key)
      || EdificeSpecification.metadataKeys.contains(key)
  }

  private static let shownCharacters = 40
}
