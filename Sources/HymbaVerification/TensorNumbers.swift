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
    switch type {
    case .bfloat16: add(WordCounts<UInt16>(bytes, exponent: 0x7F80))
    case .float16: add(WordCounts<UInt16>(bytes, exponent: 0x7C00))
    case .float32: add(WordCounts<UInt32>(bytes, exponent: 0x7F80_0000))
    default:
      let floats = Widening.floats(bytes, type) ?? []
      unsafe floats.withUnsafeBytes { buffer in
        unsafe add(WordCounts<UInt32>(RawSpan(_unsafeBytes: buffer), exponent: 0x7F80_0000))
      }
    }
    first = Widening.floats(bytes.extracting(0..<type.byteSize), type)?.first
    guard needsRange, let floats = Widening.floats(bytes, type), let least = floats.min(),
      let most = floats.max(), least <= most
    else { return }
    range = least...most
  }

  private mutating func add<Word>(_ words: WordCounts<Word>) {
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

/// Counts binary floating-point words by their bits.
private struct WordCounts<Word: FixedWidthInteger & UnsignedInteger & BitwiseCopyable> {
  private(set) var zeros = 0
  private(set) var isFinite = true
  /// Whether all words are equal, bit for bit.
  private(set) var areSame = true

  /// The number of words whose zeros are counted together; so small that their count fits into a word.
  private static var block: Int { 1 << 14 }

  /// - Parameter exponent: The mask of the exponent bits, which are all set in an infinite number or NaN.
  init(_ bytes: RawSpan, exponent: Word) {
    let size = MemoryLayout<Word>.size
    let count = bytes.byteCount / size
    guard count > 0 else { return }
    let magnitude = Word.max >> 1
    unsafe bytes.withUnsafeBytes { buffer in
      let first = unsafe buffer.loadUnaligned(as: Word.self)
      var (different, notFinite): (Word, Word) = (0, 0)
      for start in stride(from: 0, to: count, by: Self.block) {
        var zeros: Word = 0
        for index in start..<min(start + Self.block, count) {
          let word = unsafe buffer.loadUnaligned(fromByteOffset: index &* size, as: Word.self)
          different |= word ^ first
          notFinite |= word & exponent == exponent ? 1 : 0
          zeros &+= word & magnitude == 0 ? 1 : 0
        }
        self.zeros += Int(zeros)
      }
      areSame = different == 0
      isFinite = notFinite == 0
    }
  }
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
