import HymbaFormat
import HymbaModel

extension Tensor {
  /// The rows along the first dimension in another order. A row may occur several times, or not at all.
  ///
  /// - Returns: Nil where there is no such row.
  func rows(in order: [Int]) -> Tensor? {
    guard let count = dimensions.first, order.allSatisfy((0..<count).contains) else { return nil }
    let size = dimensions.dropFirst().reduce(1, *)
    return Tensor(
      [order.count] + dimensions.dropFirst(),
      order.flatMap { values[$0 * size..<($0 + 1) * size] })
  }

  /// The columns of a matrix in another order.
  ///
  /// - Returns: Nil for a tensor that is no matrix, and where there is no such column.
  func columns(in order: [Int]) -> Tensor? { transposed?.rows(in: order)?.transposed }

  /// The matrix with its rows as columns; nil for a tensor that is no matrix.
  var transposed: Tensor? {
    guard dimensions.count == 2 else { return nil }
    let (rows, columns) = (dimensions[0], dimensions[1])
    return Tensor(
      [columns, rows],
      (0..<columns).flatMap { column in (0..<rows).map { values[$0 * columns + column] } })
  }

  func mapped(_ function: (Float) -> Float) -> Tensor { Tensor(dimensions, values.map(function)) }
}

extension Double {
  /// The number as options are written: `10000`, `1e6`, `1e-5`, `0.0625`.
  var optionText: String {
    if abs(self) < 1e5, self == rounded() { return "\(Int(self))" }
    return shortText.replacing("e+0", with: "e").replacing("e+", with: "e").replacing(
      "e-0", with: "e-")
  }
}
