import HymbaFormat

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// What a checkpoint holds in place of the numbers of a parameter, with all factors known.
enum ValueMap: Hashable, Sendable {
  /// `-exp(parameter)`
  case negateExp
  /// The parameter multiplied by these factors, one after the other.
  case scale([Float])
  /// The parameter with parts of its rows multiplied by a factor each.
  case scaleRows([Part])

  /// Some consecutive rows, and their factor.
  struct Part: Hashable, Sendable {
    var rows: Int
    var factor: Float
  }

  /// - Parameters:
  ///   - sizes: The sizes that the step's expressions name.
  ///   - factors: The factors by name. One that is absent is 1.
  /// - Returns: Nil where all factors are 1.
  /// - Throws: ``ConversionError/layoutInvalid(_:)``, and ``ConversionError/unsupported(_:)`` for a factor of 0,
  ///   by which nothing can be divided.
  init?(
    _ step: ValueStep, sizes: [String: Int], factors: [String: Double]
  ) throws(ConversionError) {
    let values = try step.factors.map { name throws(ConversionError) in
      let factor = Float(factors[name] ?? 1)
      guard factor != 0, factor.isFinite else {
        throw .unsupported(
          "the factor \(name) of the architecture is \(factor), and weights that were multiplied by it tell nothing")
      }
      return factor
    }
    switch step {
    case .negateExp: self = .negateExp
    case .scale:
      let others = values.filter { $0 != 1 }
      guard !others.isEmpty else { return nil }
      self = .scale(others)
    case .scaleRows(let rows, _):
      let parts = try zip(rows, values).map { size, factor throws(ConversionError) in
        Part(rows: try size.value(sizes), factor: factor)
      }
      guard parts.contains(where: { $0.factor != 1 }) else { return nil }
      self = .scaleRows(parts)
    }
  }

  /// The map in words, for messages and lists.
  var summary: String {
    switch self {
    case .negateExp: "undo -exp"
    case .scale(let factors): "divide by \(factors.map { "\($0)" }.joined(separator: " and "))"
    case .scaleRows(let parts):
      "divide rows by \(parts.map { "\($0.factor) (\($0.rows))" }.joined(separator: ", "))"
    }
  }

  /// Computes the parameter's numbers of the checkpoint's.
  ///
  /// - Parameters:
  ///   - values: Consecutive elements of the tensor.
  ///   - first: The index of the first of them in the tensor.
  ///   - width: The number of elements in a row of the tensor.
  /// - Returns: The index in `values` of the first number that is none of any parameter; nil where there is none.
  func undo(_ values: inout [Float], first: Int, width: Int) -> Int? {
    switch self {
    case .negateExp:
      for index in values.indices {
        // The logarithm of zero, of a negative number or of infinity would be no number of a model.
        guard !(values[index] >= 0), values[index] != -.infinity else { return index }
        values[index] = Float(log(-Double(values[index])))
      }
    case .scale(let factors):
      for factor in factors.reversed() {
        for index in values.indices { values[index] /= factor }
      }
    case .scaleRows: forEachPart(values.count, first, width) { values[$0] /= $1 }
    }
    return nil
  }

  /// What a computation made of a number that does not come back from it.
  struct Lost {
    /// The index of the number among those that were given.
    let index: Int
    let result: Float
  }

  /// Computes the checkpoint's numbers of the parameter's.
  ///
  /// - Parameters:
  ///   - values: Consecutive elements of the parameter. Those that do not come back become NaN.
  ///   - first: The index of the first of them in the tensor.
  ///   - width: The number of elements in a row of the tensor.
  /// - Returns: The first number that does not come back: one that becomes infinite, and for ``negateExp`` one of
  ///   which the exponential is zero, infinite or NaN. Nil where there is none.
  func `do`(_ values: inout [Float], first: Int, width: Int) -> Lost? {
    let originals = values
    switch self {
    case .negateExp:
      for index in values.indices { values[index] = -Float(exp(Double(values[index]))) }
    case .scale(let factors):
      for factor in factors {
        for index in values.indices { values[index] *= factor }
      }
    case .scaleRows: forEachPart(values.count, first, width) { values[$0] *= $1 }
    }
    var lost: Lost?
    for index in values.indices {
      let isLost = self == .negateExp
        ? !(values[index] < 0 && values[index].isFinite) : originals[index].isFinite && !values[index].isFinite
      guard isLost else { continue }
      lost = lost ?? Lost(index: index, result: values[index])
      values[index] = .nan
    }
    return lost
  }

  /// What the checkpoint holds in place of a parameter, in words.
  var computation: String {
    switch self {
    case .negateExp: "-exp of it"
    case .scale(let factors): "that times \(factors.map { "\($0)" }.joined(separator: " times "))"
    case .scaleRows: "that times the factor of its row"
    }
  }

  /// Calls `body` with the index of each element and the factor of its row.
  private func forEachPart(
    _ count: Int, _ first: Int, _ width: Int, _ body: (Int, Float) -> Void
  ) {
    guard case .scaleRows(let parts) = self else { return }
    var start = 0
    for part in parts {
      let range = (start..<start + part.rows * width).clamped(to: first..<first + count)
      for index in range { body(index - first, part.factor) }
      start += part.rows * width
    }
  }
}

/// What a checkpoint holds in place of the numbers of one parameter.
struct ParameterValues: Sendable {
  let parameter: String
  /// The maps in the order in which they are undone.
  let maps: [ValueMap]
  /// The name of the checkpoint's own tensor that is kept beside the parameter, element for element; nil where
  /// none is.
  let kept: String?

  /// - Returns: Nil for a move that changes no numbers.
  init?(_ move: Move) {
    guard !move.values.isEmpty else { return nil }
    self.parameter = move.targets[0]
    self.maps = move.values
    self.kept = move.keepsSource && move.steps.allSatisfy(\.keepsOrder) ? move.sources[0] : nil
  }
}
