import HymbaModel

extension Tensor {
  /// The mean of a function of the values at each position, over the batch and the channels. The dimensions are
  /// [batch, length, width].
  func means(byPosition function: (Float) -> Double) -> [Double] {
    let width = dimensions.last ?? 1
    let length = dimensions.dropLast().last ?? 1
    var sums = [Double](repeating: 0, count: length)
    for row in 0..<(width == 0 ? 0 : values.count / width) {
      for value in values[row * width..<(row + 1) * width] { sums[row % length] += function(value) }
    }
    let count = Double(max(1, values.count / max(1, length)))
    return sums.map { $0 / count }
  }
}
