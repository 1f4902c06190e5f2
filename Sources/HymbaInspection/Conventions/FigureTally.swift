package import HymbaFormat
import HymbaModel

/// What is seen of one tensor's values on their way, in pieces that can come in any order.
package struct FigureTally: Sendable {
  /// What is seen of one piece.
  package struct Piece: Sendable {
    let offset: Int
    let byteCount: Int
    /// The bytes of zero at the end.
    let zeroTail: Int
    /// The hashes of the rows that are whole within the piece.
    var rows: [UInt64] = []
    var squares = 0.0
    var values: [Float] = []
  }

  private let tensor: TensorDescriptor
  private let plan: FigurePlan
  private var pieces: [Piece] = []

  package init(_ tensor: TensorDescriptor, _ plan: FigurePlan) {
    self.tensor = tensor
    self.plan = plan
  }

  /// Looks at a piece.
  ///
  /// - Parameters:
  ///   - bytes: Little-endian elements.
  ///   - offset: The first byte of the piece within the tensor.
  package func piece(_ bytes: RawSpan, at offset: Int) -> Piece {
    var piece = Piece(offset: offset, byteCount: bytes.byteCount, zeroTail: Self.zeroTail(bytes))
    let rowBytes = plan.rowWidth * tensor.type.byteSize
    if rowBytes > 0 {
      // A row that two pieces share is left out.
      var start = (rowBytes - offset % rowBytes) % rowBytes
      while start + rowBytes <= bytes.byteCount {
        piece.rows.append(XXH3Digest.word(of: bytes.extracting(start..<start + rowBytes)))
        start += rowBytes
      }
    }
    guard plan.measuresSize || plan.values != .none,
      let values = Widening.floats(bytes, tensor.type)
    else { return piece }
    if plan.measuresSize {
      for value in values { piece.squares += Double(value) * Double(value) }
    }
    if plan.values != .none { piece.values = values }
    return piece
  }

  package mutating func add(_ piece: Piece) { pieces.append(piece) }

  private static func zeroTail(_ bytes: RawSpan) -> Int {
    unsafe bytes.withUnsafeBytes { buffer in
      var end = buffer.count
      while end > 0, unsafe buffer[end - 1] == 0 { end -= 1 }
      return buffer.count - end
    }
  }

  /// What was seen, once all pieces were added.
  ///
  /// - Parameters:
  ///   - zeros: The number of zeros, of either sign.
  ///   - isFinite: Whether every number is finite.
  ///   - constant: The value that all numbers have; nil where they differ.
  package func figures(zeros: Int, isFinite: Bool, constant: Double?) -> ParameterFigures {
    let pieces = pieces.sorted { $0.offset < $1.offset }
    let count = tensor.shape.elementCount
    var tail = 0
    for piece in pieces.reversed() {
      tail += piece.zeroTail
      if piece.zeroTail < piece.byteCount { break }
    }
    var figures = ParameterFigures(
      count: count, zeros: zeros, isFinite: isFinite, constant: constant,
      zeroTail: tail / tensor.type.byteSize)
    if plan.measuresSize, count > 0 {
      figures.rootMeanSquare =
        (pieces.reduce(0) { $0 + $1.squares } / Double(count)).squareRoot()
    }
    if plan.rowWidth > 0 {
      figures.rows = RowFigures(
        pieces.flatMap(\.rows), width: plan.rowWidth,
        zero: XXH3Digest.word(
          of: [UInt8](repeating: 0, count: plan.rowWidth * tensor.type.byteSize).raw))
    }
    guard plan.values != .none, isFinite, count > 0 else { return figures }
    let values = pieces.flatMap(\.values)
    switch plan.values {
    case .none: break
    case .distribution: figures.spread = ValueSpread(values)
    case .decay(let states):
      figures.spread = ValueSpread(values)
      figures.isFreshDecay = Self.isFresh(values, states, tensor.type)
    case .convolution(let taps, let channels):
      figures.convolution = ConvolutionFigures(values, taps: taps, channels: channels)
    }
    return figures
  }

  /// Whether each row is log(1), log(2), …, as far as the type holds it.
  private static func isFresh(_ values: [Float], _ states: Int, _ type: ElementType) -> Bool {
    guard states > 2 else { return false }
    let tolerance: Float = type.byteSize < 4 ? 0x1p-8 : 0x1p-20
    return values.enumerated().allSatisfy { index, value in
      let wanted = Float(logarithm(Double(index % states + 1)))
      return abs(value - wanted) <= tolerance * max(1, wanted)
    }
  }
}
