extension [Float] {
  /// The values below which given shares of all values lie, between neighbours in proportion: the default of
  /// `numpy.quantile`. NaN for all shares if there is a NaN, or no value.
  ///
  /// - Parameter shares: Numbers from 0 to 1.
  /// - Complexity: Sorts one copy of the values.
  func quantiles(_ shares: [Double]) -> [Double] {
    guard !isEmpty, !contains(where: \.isNaN) else { return shares.map { _ in .nan } }
    let sorted = sorted()
    return shares.map { share in
      let place = share * Double(count - 1)
      let below = Swift.min(Int(place), count - 1)
      let above = Swift.min(below + 1, count - 1)
      let (low, high) = (Double(sorted[below]), Double(sorted[above]))
      // Equal neighbours may be infinite, whose difference is no number.
      return low == high ? low : low + (high - low) * (place - Double(below))
    }
  }
}
