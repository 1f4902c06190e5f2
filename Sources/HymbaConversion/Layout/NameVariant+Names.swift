import HymbaFormat

extension NameVariant {
  /// The parts of wrappers within the names of the checkpoint.
  var wrapping: NameWrapping {
    get { NameWrapping(parts: wrapped) }
    set { wrapped = newValue.parts }
  }

  /// A phrase for the difference between the names and the layout's own; nil where there is none.
  ///
  /// - Parameter hasHead: Whether the model has an output head. A model without one is often saved without the
  ///   prefix of the layout, and the originals read that, so it is no difference then.
  func difference(hasHead: Bool) -> String? {
    if !prefix.isEmpty { return "with “\(prefix.printable)” in front" }
    if !wrapped.isEmpty { return "with parts of wrappers within" }
    return omitted.isEmpty || !hasHead ? nil : "without “\(omitted.printable)” in front"
  }

  /// Makes the names those of the layout. The copies that exist stay.
  mutating func makeNamesPlain() { (prefix, omitted, wrapped) = ("", "", [:]) }

  /// The name in the checkpoint for a name of the layout.
  func external(_ name: String) -> String {
    let own =
      omitted.isEmpty ? name : name.utf8Rest(after: omitted) ?? name
    return wrapped.isEmpty ? prefix + own : wrapping.wrapped(prefix + own)
  }

  /// The names of the layout that a name in the checkpoint may stand for.
  func candidates(_ external: String) -> [String] {
    let plain = wrapped.isEmpty ? external : wrapping.unwrapped(external)
    guard let own = plain.utf8Rest(after: prefix) else { return [] }
    return omitted.isEmpty ? [own] : [own, omitted + own]
  }
}
