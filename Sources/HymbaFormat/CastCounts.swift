/// Counts of what rounding did to some elements.
package struct CastCounts: Hashable, Sendable {
  /// Finite numbers that became infinite.
  package var overflowed: Int
  /// Nonzero values that became zero.
  package var flushed: Int
  /// Nonzero values, infinities and NaN included.
  package var nonzero: Int

  package init(overflowed: Int = 0, flushed: Int = 0, nonzero: Int = 0) {
    self.overflowed = overflowed
    self.flushed = flushed
    self.nonzero = nonzero
  }

  package static func + (a: CastCounts, b: CastCounts) -> CastCounts {
    CastCounts(
      overflowed: a.overflowed + b.overflowed, flushed: a.flushed + b.flushed,
      nonzero: a.nonzero + b.nonzero)
  }
}
