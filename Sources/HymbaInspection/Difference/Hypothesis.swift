import HymbaFormat

#if canImport(Glibc)
  import Glibc
#endif

/// A function of single elements that may have made the second tensor of the first.
struct Hypothesis: Sendable {
  typealias Function = @Sendable (Double) -> Double

  let kind: Explanation.Kind
  let detail: String
  /// The detail where only the inverse function gives the first tensor exactly.
  let backwardDetail: String
  let forward: Function
  /// The inverse function; nil where there is none.
  let backward: Function?
  /// The units in the last place by which an element may be off; nil where it must be exact.
  let units: Double?

  init(
    _ kind: Explanation.Kind, _ detail: String, backwardDetail: String? = nil, units: Double? = 1,
    forward: @escaping Function, backward: Function? = nil
  ) {
    self.kind = kind
    self.detail = detail
    self.backwardDetail = backwardDetail ?? detail
    self.forward = forward
    self.backward = backward
    self.units = units
  }
}

extension Hypothesis {
  /// The hypotheses for two types, in the order in which they are preferred.
  ///
  /// The factor of a scaling is not known before the elements are read, so it is not among them: see
  /// ``FactorRange``.
  static func all(from a: ElementType, to b: ElementType) -> [Hypothesis] {
    casts(from: a, to: b) + offsets + [negation] + exponentials
  }

  /// The function that changes nothing.
  static let identity = Hypothesis(.cast, "", forward: { $0 }, backward: { $0 })

  private static func casts(from a: ElementType, to b: ElementType) -> [Hypothesis] {
    var casts: [Hypothesis] = []
    if a != b {
      casts.append(
        Hypothesis(
          .cast, "cast from \(a.rawValue) to \(b.rawValue), rounded to nearest",
          backwardDetail: "the first is the second cast to \(a.rawValue)", forward: { $0 },
          backward: { $0 }))
      if b == .bfloat16 {
        casts.append(
          Hypothesis(
            .cast, "cast from \(a.rawValue) to BF16, truncated", units: nil,
            forward: truncatedToBFloat16))
      }
      if a == .bfloat16 {
        casts.append(
          Hypothesis(
            .cast, "the first is the second truncated to BF16", units: nil, forward: { _ in .nan },
            backward: truncatedToBFloat16))
      }
    }
    let wide: Set<ElementType> = [.float32, .float64]
    guard wide.contains(a), wide.contains(b) else { return casts }
    let roundedToFloat16: Function = { Double(Float16($0)) }
    let roundedToFloat32: Function = { Double(Float($0)) }
    var roundings: [(String, Function)] = [
      ("rounded to BF16", roundedToBFloat16), ("truncated to BF16", truncatedToBFloat16),
      ("rounded to F16", roundedToFloat16),
    ]
    if a == .float64, b == .float64 { roundings.append(("rounded to F32", roundedToFloat32)) }
    return casts
      + roundings.map { words, rounding in
        Hypothesis(
          .cast, "\(words) and stored as \(b.rawValue)",
          backwardDetail: "the first is the second \(words)", units: nil, forward: rounding,
          backward: rounding)
      }
  }

  private static let offsets: [Hypothesis] = [1, -1, 2, -2].map { (offset: Double) in
    let added: Function = { $0 + offset }
    let removed: Function = { $0 - offset }
    let text = "\(offset > 0 ? "+" : "")\(Int(offset))"
    return Hypothesis(.offset, text, forward: added, backward: removed)
  }

  static let negation = Hypothesis(.negate, "negated", forward: { -$0 }, backward: { -$0 })

  private static let exponentials: [Hypothesis] = {
    let decay: Function = { -exp($0) }
    let decayLogarithm: Function = { log(-$0) }
    let exponential: Function = { exp($0) }
    let logarithm: Function = { log($0) }
    let pairs: [(String, Function, Function)] = [
      ("-exp(a)", decay, decayLogarithm), ("log(-a)", decayLogarithm, decay),
      ("exp(a)", exponential, logarithm), ("log(a)", logarithm, exponential),
    ]
    // Libraries differ by some units in the last place of these functions.
    return pairs.map { Hypothesis(.exponential, $0.0, units: 4, forward: $0.1, backward: $0.2) }
  }()

  /// - Parameter text: The factor for people.
  static func scaling(by factor: Double, _ text: String) -> Hypothesis {
    let scaled: Function = { $0 * factor }
    let divided: Function = { $0 / factor }
    return Hypothesis(
      .scale, "times \(text)", forward: scaled, backward: factor == 0 ? nil : divided)
  }

  private static let truncatedToBFloat16: Function = { value in
    Double(Float(bitPattern: Float(value).bitPattern & 0xFFFF_0000))
  }

  private static let roundedToBFloat16: Function = { value in
    let bits = Float(value).bitPattern
    guard value.isFinite else { return value }
    return Double(Float(bitPattern: (bits &+ 0x7FFF &+ (bits >> 16 & 1)) & 0xFFFF_0000))
  }
}

/// How well a hypothesis has held so far.
struct HypothesisVerdict: Sendable {
  private(set) var isExact = true
  private(set) var isExactBackward: Bool
  private(set) var isNear: Bool
  private(set) var isNearBackward: Bool

  init(_ hypothesis: Hypothesis) {
    isExactBackward = hypothesis.backward != nil
    isNear = hypothesis.units != nil
    isNearBackward = hypothesis.units != nil && hypothesis.backward != nil
  }

  var holds: Bool { isExact || isExactBackward || isNear || isNearBackward }
  var holdsExactly: Bool { isExact || isExactBackward }

  /// Takes further elements into account.
  mutating func check(
    _ hypothesis: Hypothesis, _ a: [Double], _ typeA: ElementType, _ b: [Double], _ typeB: ElementType
  ) {
    if isExact || isNear {
      Self.check(hypothesis.forward, a, b, typeB, hypothesis.units, &isExact, &isNear)
    }
    if isExactBackward || isNearBackward, let backward = hypothesis.backward {
      Self.check(backward, b, a, typeA, hypothesis.units, &isExactBackward, &isNearBackward)
    }
  }

  private static func check(
    _ function: (Double) -> Double, _ from: [Double], _ to: [Double], _ type: ElementType,
    _ units: Double?, _ isExact: inout Bool, _ isNear: inout Bool
  ) {
    let made = from.map(function)
    let isExactHere =
      made.rounded(to: type).map { rounded in
        rounded.indices.allSatisfy {
          rounded[$0] == to[$0] || rounded[$0].isNaN && to[$0].isNaN
        }
      } ?? false
    guard !isExactHere else { return }
    isExact = false
    guard isNear, let units, let steps = FloatSteps(type) else { return isNear = false }
    isNear = made.indices.allSatisfy { steps.isNear(made[$0], to[$0], units: units) }
  }

  /// Takes the verdict over other elements into account.
  mutating func merge(_ other: HypothesisVerdict) {
    isExact = isExact && other.isExact
    isExactBackward = isExactBackward && other.isExactBackward
    isNear = isNear && other.isNear
    isNearBackward = isNearBackward && other.isNearBackward
  }
}
