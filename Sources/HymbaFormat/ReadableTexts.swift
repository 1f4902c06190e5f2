// Texts that came from outside and are written again: whatever is written must be read.

extension CheckpointSource {
  /// The metadata that can be written; ``remarks`` name what is left aside.
  package var keptMetadata: NameTable<String> {
    NameTable(metadata.filter { !$0.key.hasTooManyMarks && !$0.value.hasTooManyMarks })
  }

  /// Says what ``keptMetadata`` leaves aside.
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
  /// - Throws: ``FormatError/tooManyMarks(in:)``.
  func requireReadable() throws(FormatError) {
    for (key, value) in sorted where key.hasTooManyMarks || value.hasTooManyMarks {
      throw .tooManyMarks(in: "the metadata “\(String(key.unicodeScalars.prefix(64)).printable)”")
    }
  }
}

extension CheckpointDescription {
  /// - Throws: ``FormatError/tooManyMarks(in:)`` for a text that a container's reader refuses.
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
