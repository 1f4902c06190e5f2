/// What turns a tensor of the first checkpoint into that of the second.
package struct Explanation: Hashable, Sendable, Encodable {
  package enum Kind: String, Hashable, Sendable, Codable, CaseIterable {
    /// Another element type, or digits that a narrower type does not have.
    case cast
    case transpose
    case reshape
    /// A whole number added to every element.
    case offset
    /// Every element times one factor.
    case scale
    case negate
    case exponential
    /// The halves of each head as pairs of neighbouring rows, or back, as rotary positions are stored.
    case interleave
    /// Rows, columns or heads in another order.
    case permutation
    /// Parts of a fused weight that changed places, or of which only some changed.
    case parts
    /// The values of another tensor.
    case sameAs
    /// A difference of low rank, as a merged adapter leaves it.
    case lowRank
    /// Few elements.
    case sparse
    /// Values of the same distribution that have nothing to do with the former ones.
    case unrelated
  }

  package let kind: Kind
  /// A clause for people: `times 0.5`, `z and x swapped`.
  package let detail: String
  /// Whether the explanation gives every element bit for bit, after rounding to the type that stores it. If not,
  /// it gives them within the rounding of that type, or it only describes them.
  package let exact: Bool

  /// Whether it describes the change and does not reproduce it.
  package var isDescription: Bool {
    switch kind {
    case .lowRank, .sparse, .unrelated: true
    case .parts: !exact
    default: false
    }
  }

  init(_ kind: Kind, _ detail: String, exact: Bool) {
    self.kind = kind
    self.detail = detail
    self.exact = exact
  }
}
