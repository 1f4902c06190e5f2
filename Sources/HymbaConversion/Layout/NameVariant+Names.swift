import HymbaFormat

extension NameVariant {
  /// Parts of wrappers within the checkpoint's names.
  var wrapping: NameWrapping {
    get { NameWrapping(parts: wrapped) }
    set { wrapped = newValue.parts }
  }

  /// What the names have that the layout's own have not, in words; nil for those.
  ///
  /// - Parameter hasHead: A model without one is often saved under shorter names, which the originals read.
  func difference(hasHead: Bool) -> String? {
    if !prefix.isEmpty { return "with “\(prefix.printable)” in front" }
    if !wrapped.isEmpty { return "with parts of wrappers within" }
    return omitted.isEmpty || !hasHead ? nil : "without “\(omitted.printable)” in front"
  }

  /// Makes the names the layout's own; which copies there are stays.
  mutating func makeNamesPlain() { (prefix, omitted, wrapped) = ("", "", [:]) }

  /// The checkpoint's name for a name of the layout.
  func external(_ name: String) -> String {
    let own =
      omitted.isEmpty ? name : name.utf8Rest(after: omitted) ?? name
    return wrapped.isEmpty ? prefix + own : wrapping.wrapped(prefix + own)
  }

  /// The layout's names that a name of the checkpoint may stand for.
  func candidates(_ external: String) -> [String] {
    let plain = wrapped.isEmpty ? external : wrapping.unwrapped(external)
    guard let own = plain.utf8Rest(after: prefix) else { return [] }
    return omitted.isEmpty ? [own] : [own, omitted + own]
  }
}
