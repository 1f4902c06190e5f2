import HymbaFormat
import HymbaModel

/// The values of a tensor or of a part of it, counted in pieces that can come in any order. The memory is bounded
/// whatever the number of values.
struct ValueTally: Sendable {
  /// How values are kept.
  enum Form: Sendable {
    /// Every value itself.
    case values
    /// The number of each word, for types of 8 and 16 bits.
    case words
    /// The number of each ``FloatKey``, and moments beside it.
    case keys

    /// The form for a tensor.
    /// - Parameter keptValues: The most values that are kept themselves.
    init(_ type: ElementType, elements: Int, keptValues: Int) {
      self = elements <= keptValues ? .values : type.byteSize <= 2 ? .words : .keys
    }
  }

  /// The most values of a tensor that are kept themselves: as many as there are words of 16 bits.
  static let keptValues = 1 << 16

  private let form: Form
  private let type: ElementType
  private var values: [Double] = []
  private var counts: [UInt64] = []

  // Beside keys.
  private var moments: [Int: Moments] = [:]
  private var range: ClosedRange<Double>?
  private var zeros = 0
  private var notANumbers = 0
  private var infinities = 0
  /// The bits that some value has in the fraction of its 64-bit form.
  private var fraction: UInt64 = 0

  init(_ type: ElementType, _ form: Form) {
    self.type = type
    self.form = form
  }

  /// Counts a piece.
  ///
  /// - Parameters:
  ///   - bytes: Little-endian elements of the type, all of the piece.
  ///   - offset: Where the piece begins. Pieces of one tally begin at different places. The order of the places
  ///     makes the sums the same whatever order the pieces come in.
  init(_ type: ElementType, _ form: Form, _ bytes: RawSpan, at offset: Int) {
    self.init(type, form)
    guard bytes.byteCount > 0 else { return }
    switch form {
    case .values: values = ElementValues.doubles(bytes, type)
    case .words:
      var counts = [UInt64](repeating: 0, count: 1 << type.bitSize)
      if type.byteSize == 1 {
        ElementValues.forEachWord(bytes, UInt8.self) { counts[Int($0)] &+= 1 }
      } else {
        ElementValues.forEachWord(bytes, UInt16.self) { counts[Int($0)] &+= 1 }
      }
      self.counts = counts
    case .keys:
      if type == .float64 {
        countKeys(ElementValues.doubles(bytes, type), at: offset) { Float($0).finite }
      } else {
        countKeys(Widening.floats(bytes, type) ?? [], at: offset) { $0 }
      }
    }
  }

  /// Counts finite values by their keys.
  @inline(__always)
  private mutating func countKeys<Value: BinaryFloatingPoint>(
    _ values: [Value], at offset: Int, _ narrowed: (Value) -> Float
  ) {
    var counts = [UInt64](repeating: 0, count: FloatKey.count)
    var (zeros, notANumbers, infinities, finite) = (0, 0, 0, 0)
    var sum = 0.0
    var fraction: UInt64 = 0
    var (least, most) = (Double.infinity, -Double.infinity)
    for value in values {
      let wide = Double(value)
      guard wide.isFinite else {
        if wide.isNaN { notANumbers += 1 } else { infinities += 1 }
        continue
      }
      finite += 1
      least = min(least, wide)
      most = max(most, wide)
      guard wide != 0 else {
        zeros += 1
        continue
      }
      sum += wide
      fraction |= wide.significandBitPattern
      counts[FloatKey.key(narrowed(value))] &+= 1
    }
    self.counts = counts
    (self.zeros, self.notANumbers, self.infinities) = (zeros, notANumbers, infinities)
    self.fraction = fraction
    guard finite > 0 else { return }
    self.range = least...most
    let mean = sum / Double(finite)
    var squares = 0.0
    for value in values {
      let deviation = Double(value) - mean
      if deviation.isFinite { squares += deviation * deviation }
    }
    self.moments = [offset: Moments(count: finite, mean: mean, squares: squares)]
  }

  /// Adds another piece of the same tensor.
  mutating func add(_ other: ValueTally) {
    values += other.values
    if counts.isEmpty {
      counts = other.counts
    } else {
      for index in other.counts.indices { counts[index] &+= other.counts[index] }
    }
    moments.merge(other.moments) { own, _ in own }
    if let added = other.range {
      range = range.map {
        min($0.lowerBound, added.lowerBound)...max($0.upperBound, added.upperBound)
      } ?? added
    }
    zeros += other.zeros
    notANumbers += other.notANumbers
    infinities += other.infinities
    fraction |= other.fraction
  }

  /// What was counted.
  var distribution: ValueDistribution {
    switch form {
    case .values: return ValueDistribution(values.sorted { $0 < $1 || $1.isNaN && !$0.isNaN })
    case .words:
      let values = ElementValues.values(type)
      let used = counts.indices.filter { counts[$0] > 0 }
        .sorted { values[$0] < values[$1] || values[$1].isNaN && !values[$0].isNaN }
      return ValueDistribution(used.map { (values[$0], Int(counts[$0])) })
    case .keys:
      var entries: [ValueDistribution.Entry] = []
      for key in counts.indices {
        // Zeros come before the smallest positive numbers.
        if key == FloatKey.zero, zeros > 0 { entries.append(.init(0...0, count: zeros)) }
        guard counts[key] > 0, let range else { continue }
        entries.append(.init(FloatKey.range(key).clamped(to: range), count: Int(counts[key])))
      }
      if counts.isEmpty, zeros > 0 { entries = [.init(0...0, count: zeros)] }
      var sum = Moments()
      for (_, piece) in moments.sorted(by: { $0.key < $1.key }) { sum.add(piece) }
      return ValueDistribution(
        entries, moments: sum, notANumbers: notANumbers, infinities: infinities,
        fraction: fraction)
    }
  }
}

extension Float {
  /// The number itself, or the largest one where a wider number became infinite.
  fileprivate var finite: Float {
    isInfinite ? (self > 0 ? .greatestFiniteMagnitude : -.greatestFiniteMagnitude) : self
  }
}
