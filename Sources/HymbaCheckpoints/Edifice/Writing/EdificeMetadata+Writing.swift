import HymbaFormat

extension EdificeMetadata {
  /// The metadata section: the spec under its key, and `texts` as binaries beside it, without those that say
  /// what the spec says. Nil when there is nothing to write.
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
    // Without a spec nothing may stand in its place, which only a map can.
    members[.text(specKey)] = try spec?.term()
    return members.isEmpty ? nil : .map(members)
  }
}
