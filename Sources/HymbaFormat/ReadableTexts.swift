// Checks of texts that came from a file and are written into another: a reader must accept what is written.

extension CheckpointSource {
  /// The metadata that can be written. ``remarks`` names the rest, which is left aside.
  package var keptMetadata: NameTable<String> {
    NameTable(metadata.filter { !$0.key.hasTooManyMarks && !$0.value.hasTooManyMarks })
  }

  /// The sentence that names what ``keptMetadata`` leaves aside; empty when that is nothing.
  var metadataRemarks: [String] {
    let names = metadata.sorted.filter { $0.key.hasTooManyMarks || $0.value.hasTooManyMarks }
      .map { $0.key.hasTooManyMarks ? String($0.key.unicodeScalars.prefix(8)) + "…" : $0.key }
    guard !names.isEmpty else { return [] }
    return [
      "\(LeftAside.noteBeginning)of the metadata, as there are more than \(Limits.combiningMarks) combining marks in a row: "
        + names.prefix(6).map { "“\($0.printable)”" }.joined(separator: ", ")
        + (names.count > 6 ? " and \(names.count - 6) more" : "")
    ]
  }
}

extension NameTable<String> {
  /// Makes sure that a reader accepts all keys and values.
  /// - Throws: ``FormatError/tooManyMarks(in:)``.
  func requireReadable() throws(FormatError) {
    for (key, value) in sorted where key.hasTooManyMarks || value.hasTooManyMarks {
      throw .tooManyMarks(in: "the metadata “\(String(key.unicodeScalars.prefix(64)).printable)”")
    }
  }
}

extension CheckpointDescription {
  /// Makes sure that a container's reader accepts all texts.
  /// - Throws: ``FormatError/tooManyMarks(in:)`` for a text that it would refuse.
  func requireReadable() throws(FormatError) {
    try metadata.requireReadable()
    let texts = [
      ("the configuration", [configuration?.origin, configuration?.text].compactMap(\.self)),
      ("the name of a file", files.map(\.name)), ("an assumption", assumptions),
      ("the layout's name", [layout.name, layout.variant.text].compactMap(\.self)),
    ]
    for (place, texts) in texts where texts.contains(where: \.hasTooManyMarks) {
      throw .tooManyMarks(in: place)
    }
  }
}
