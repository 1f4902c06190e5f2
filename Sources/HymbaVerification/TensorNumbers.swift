import HymbaFormat
import HymbaModel

/// Counts of one tensor's numbers. The parts of a tensor are counted separately, in any order, and added.
struct TensorNumbers {
  private(set) var count = 0
  private(set) var zeros = 0
  private(set) var isFinite = true
  private var first: Float?
  /// Whether all numbers are equal. Zeros of both signs are equal.
  private var areEqual = true
  /// The smallest and the largest number; nil where they are not needed.
  private(set) var range: ClosedRange<Float>?

  init() {}

  /// - Parameters:
  ///   - bytes: Little-endian elements of a floating-point type. Of any other type, nothing is counted.
  ///   - needsRange: Whether the smallest and the largest number are needed.
  /// - Complexity: Reads the bytes once for the counts. Only types of 8 and 64 bits are widened, and all types
  ///   for the range.
  init(_ bytes: RawSpan, _ type: ElementType, needsRange: Bool = false) {
    count = type.isFloatingPoint ? bytes.byteCount / type.byteSize : 0
    guard count > 0 else { return }
    if let words = WordCounts(bytes, type) {
      add(words)
    } else {
      let floats = Widening.floats(bytes, type) ?? []
      unsafe floats.withUnsafeBytes { buffer in
        if let words = unsafe WordCounts(RawSpan(_unsafeBytes: buffer), .float32) { add(words) }
      }
    }
    first = Widening.floats(bytes.extracting(0..<type.byteSize), type)?.first
    guard needsRange, let floats = Widening.floats(bytes, type), let least = floats.min(),
      let most = floats.max(), least <= most
    else { return }
    range = least...most
  }

  private mutating func add(_ words: WordCounts) {
    zeros = words.zeros
    isFinite = words.isFinite
    areEqual = words.areSame || words.zeros == count
  }

  /// Adds another part of the tensor.
  mutating func add(_ other: TensorNumbers) {
    guard other.count > 0 else { return }
    areEqual = areEqual && other.areEqual && (first == nil || first == other.first)
    first = first ?? other.first
    count += other.count
    zeros += other.zeros
    isFinite = isFinite && other.isFinite
    guard let added = other.range else { return }
    range = range.map {
      min($0.lowerBound, added.lowerBound)...max($0.upperBound, added.upperBound)
    } ?? added
  }

  /// The value that all numbers have; nil where they differ, and for a single number.
  var constant: Float? { areEqual && count > 1 ? first : nil }

  var zeroShare: Double { count == 0 ? 0 : Double(zeros) / Double(count) }

  /// Whether there are several numbers and more than half of them are zero.
  var isMostlyZero: Bool { count > 1 && 2 * zeros > count }
}

/// Whether a tensor has a row or a column of zeros. A tensor of more than two dimensions is taken as a matrix
/// whose columns are its last dimension. A vector always counts.
struct ZeroLines {
  let found: Bool

  /// - Throws: ``ModelError/parameterType(_:_:)``, and the errors of the source.
  /// - Complexity: Reads the tensor once. Memory for one row.
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
