import HymbaFormat
import HymbaModel

/// What is counted of one tensor's numbers. Parts of a tensor are counted apart, in any order, and added.
struct TensorNumbers {
  private(set) var count = 0
  private(set) var zeros = 0
  private(set) var isFinite = true
  private var first: Float?
  /// Whether all are equal; of zeros, the sign does not count.
  private var areEqual = true
  /// The smallest and the largest, where they are asked for.
  private(set) var range: ClosedRange<Float>?

  init() {}

  /// - Parameters:
  ///   - bytes: Little-endian elements of a floating-point type; of any other, nothing is counted.
  ///   - needsRange: Whether the smallest and the largest are wanted.
  /// - Complexity: Reads the bytes once; types of 16 and 32 bits are not widened.
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

  /// The value that all have; nil for a single one, which has nothing to be equal to.
  var constant: Float? { areEqual && count > 1 ? first : nil }

  var zeroShare: Double { count == 0 ? 0 : Double(zeros) / Double(count) }

  /// Whether more than half of several numbers are zero.
  var isMostlyZero: Bool { count > 1 && 2 * zeros > count }
}

/// Counts by the bits of binary floating-point words.
private struct WordCounts<Word: FixedWidthInteger & UnsignedInteger & BitwiseCopyable> {
  private(set) var zeros = 0
  private(set) var isFinite = true
  /// Whether all words are the same bit for bit.
  private(set) var areSame = true

  /// Words whose zeros are counted in one word.
  private static var block: Int { 1 << 14 }

  /// - Parameter exponent: Its bits are all set in a number that is infinite or none.
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
