import HymbaFormat
import HymbaModel

/// What is counted of one tensor's numbers.
struct TensorNumbers {
  private(set) var count = 0
  private(set) var zeros = 0
  private(set) var isFinite = true
  private var first: Float?
  private var areEqual = true

  mutating func add(_ values: [Float]) {
    guard let expected = first ?? values.first else { return }
    first = expected
    count += values.count
    zeros += values.count { $0 == 0 }
    isFinite = isFinite && values.allSatisfy(\.isFinite)
    areEqual = areEqual && values.allSatisfy { $0 == expected }
  }

  /// The value that all have; nil for a single one, which has nothing to be equal to.
  var constant: Float? { areEqual && count > 1 ? first : nil }

  var zeroShare: Double { count == 0 ? 0 : Double(zeros) / Double(count) }

  /// Whether more than half of several numbers are zero.
  var isMostlyZero: Bool { count > 1 && 2 * zeros > count }
}

/// Whether a tensor has a row or a column of zeros, in any of its dimensions taken as a matrix; a vector is a row.
struct ZeroLines {
  let found: Bool

  /// - Complexity: Reads the tensor once; memory for one row.
  init(_ source: any CheckpointSource, _ tensor: TensorDescriptor, jobs: Int) throws {
    let columns = max(1, tensor.shape.dimensions.last ?? 1)
    guard tensor.shape.dimensions.count > 1 else {
      self.found = true
      return
    }
    var isZero = [Bool](repeating: true, count: columns)
    var (column, zerosInRow, hasZeroRow) = (0, 0, false)
    try source.forEachFloats(of: tensor, jobs: jobs) { values in
      for value in values {
        if value == 0 { zerosInRow += 1 } else { isZero[column] = false }
        column += 1
        guard column == columns else { continue }
        hasZeroRow = hasZeroRow || zerosInRow == columns
        (column, zerosInRow) = (0, 0)
      }
    }
    self.found = hasZeroRow || isZero.contains(true)
  }
}
