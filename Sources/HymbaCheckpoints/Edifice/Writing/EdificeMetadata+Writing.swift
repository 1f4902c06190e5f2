import HymbaFormat

extension EdificeMetadata {
  /// The metadata section as a term: the spec under its key, and `texts` as binaries beside it. With a spec,
  /// texts that repeat what the spec says are left out. Nil when there is nothing to write.
  ///
  /// - Throws: ``EdificeWritingError/specInvalid(_:)``.
  static func term(
    spec: EdificeSpecification?, texts: NameTable<String>
  ) throws(EdificeWritingError) -> Term? {
    var members: [Term: Term] = [:]
    for (key, text) in texts
    where spec == nil || !EdificeSpecification.metadataKeys.contains(key) {
      members[.text(key)] = .text(text)
    }
    // Without a spec, this removes a text under the spec's key, where only a map may stand.
    members[.text(specKey)] = try spec?.term()
    return members.isEmpty ? nil : .map(members)
  }
}
