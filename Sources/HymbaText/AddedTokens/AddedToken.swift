/// A token that stands in the text as it is, beside those that are made by merging.
package struct AddedToken: Hashable, Sendable {
  package let id: Int
  /// Not empty.
  package let content: String
  /// Whether it counts only where no part of a word is beside it.
  let singleWord: Bool
  /// Whether it takes the white space in front of it.
  let takesSpaceBefore: Bool
  /// Whether it takes the white space behind it.
  let takesSpaceAfter: Bool
  /// Whether it is looked for in the normalized text, in its own normalized form.
  let isNormalized: Bool
  /// Whether decoding leaves it out when special tokens are skipped.
  package let isSpecial: Bool

  // Swift compares strings by canonical equivalence, which is too much.
  package static func == (a: AddedToken, b: AddedToken) -> Bool {
    a.id == b.id && a.content.utf8.elementsEqual(b.content.utf8) && a.singleWord == b.singleWord
      && a.takesSpaceBefore == b.takesSpaceBefore && a.takesSpaceAfter == b.takesSpaceAfter
      && a.isNormalized == b.isNormalized && a.isSpecial == b.isSpecial
  }

  package func hash(into hasher: inout Hasher) { hasher.combine(id) }
}
