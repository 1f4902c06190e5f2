import HymbaModel

extension Tensor {
  /// The root of the mean of the squared values. The arithmetic has 64 bits, the values 32.
  var rootMeanSquare: Double {
    let squares = values.reduce(0.0) { $0 + Double($1) * Double($1) }
    return (squares / Double(max(1, values.count))).squareRoot()
  }
}
