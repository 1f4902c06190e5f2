import HymbaFormat

/// How a checkpoint's names differ from its layout's, and which optional copies it holds: what has to be
/// remembered to give its own names back.
public struct NameVariant: Hashable, Sendable {
  /// What all names begin with before the layout's own: `params.data.`, or nothing.
  public var prefix = ""
  /// The beginning of the layout's names that the checkpoint leaves out: `model.`, or nothing.
  public var omitted = ""
  /// Optional tensors of the layout that are there, by the layout's names.
  public var copies: [String] = []
  /// Optional tensors of the layout that are there in place of what they are copies of, which is not.
  public var substitutes: [String] = []
  /// The layers under which the checkpoint holds what several layers share; empty for nothing shared.
  public var sharedLayers: [Int] = []
  /// Parts of wrappers within the checkpoint's names.
  public var wrapping = NameWrapping()

  public init(
    prefix: String = "", omitted: String = "", copies: [String] = [], substitutes: [String] = [],
    sharedLayers: [Int] = []
  ) {
    self.prefix = prefix
    self.omitted = omitted
    self.copies = copies
    self.substitutes = substitutes
    self.sharedLayers = sharedLayers
  }

  /// What the names have that the layout's own have not, in words; nil for those.
  ///
  /// - Parameter hasHead: A model without one is often saved under shorter names, which the originals read.
  func difference(hasHead: Bool) -> String? {
    if !prefix.isEmpty { return "with “\(prefix.printable)” in front" }
    if wrapping != NameWrapping() { return "with parts of wrappers within" }
    return omitted.isEmpty || !hasHead ? nil : "without “\(omitted.printable)” in front"
  }

  /// Makes the names the layout's own; which copies there are stays.
  mutating func makeNamesPlain() { (prefix, omitted, wrapping) = ("", "", NameWrapping()) }

  /// The checkpoint's name for a name of the layout.
  func external(_ name: String) -> String {
    let own =
      omitted.isEmpty ? name : name.utf8Rest(after: omitted) ?? name
    return wrapping.wrapped(prefix + own)
  }

  /// The layout's names that a name of the checkpoint may stand for.
  func candidates(_ external: String) -> [String] {
    let plain = wrapping.unwrapped(external)
    guard let own = plain.utf8Rest(after: prefix) else { return [] }
    return omitted.isEmpty ? [own] : [own, omitted + own]
  }

  // MARK: As a manifest keeps it

  private static let separator = "; "
  private static let marks = (
    prefix: "under ", omitted: "without ", copy: "with ", substitute: "by ", shared: "shared at ",
    wrapper: "wrapped "
  )

  /// Whether ``text`` gives this prefix back.
  static func canRemember(prefix: String) -> Bool { !prefix.utf8Contains(separator) }

  /// `under params.data.; with lm_head.weight; shared at 2, 7; wrapped model.layers.*: _orig_mod`; nil for the
  /// plain form. `by lm_head.weight` says that the tensor is there under this name alone.
  public var text: String? {
    var parts: [String] = []
    if !prefix.isEmpty { parts.append(Self.marks.prefix + prefix) }
    if !omitted.isEmpty { parts.append(Self.marks.omitted + omitted) }
    parts += copies.map { Self.marks.copy + $0 }
    parts += substitutes.map { Self.marks.substitute + $0 }
    if !sharedLayers.isEmpty {
      parts.append(Self.marks.shared + sharedLayers.map(String.init).joined(separator: ", "))
    }
    parts += wrapping.texts.map { Self.marks.wrapper + $0 }
    return parts.isEmpty ? nil : parts.joined(separator: Self.separator)
  }

  /// From ``text``; parts that mean nothing here are ignored.
  public init(text: String?) {
    for part in (text ?? "").split(separator: Self.separator) {
      if part.hasPrefix(Self.marks.prefix) {
        prefix = String(part.dropFirst(Self.marks.prefix.count))
      } else if part.hasPrefix(Self.marks.omitted) {
        omitted = String(part.dropFirst(Self.marks.omitted.count))
      } else if part.hasPrefix(Self.marks.copy) {
        copies.append(String(part.dropFirst(Self.marks.copy.count)))
      } else if part.hasPrefix(Self.marks.substitute) {
        substitutes.append(String(part.dropFirst(Self.marks.substitute.count)))
      } else if part.hasPrefix(Self.marks.shared) {
        sharedLayers = part.dropFirst(Self.marks.shared.count).split(separator: ", ")
          .compactMap { Int($0) }
      } else if part.hasPrefix(Self.marks.wrapper) {
        wrapping.add(text: String(part.dropFirst(Self.marks.wrapper.count)))
      }
    }
  }
}
