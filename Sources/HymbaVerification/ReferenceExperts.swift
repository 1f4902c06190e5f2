import HymbaModel

/// Finds out which experts a reference went through at near-ties of routers, from what it gives for the layer.
///
/// Where probabilities tie, every choice among the tied experts is right, and a library's own sorting decides. The
/// layer is computed with one choice after another, for all such positions together, and each position keeps the
/// one with which it agrees best with the recorded stream behind the layer.
final class ReferenceExperts {
  private let reference: Reference
  private let routings: [Int: Int]
  private let margins: (Int) -> Float
  private var search: Search?
  /// Positions, one for each layer that has them, at which the reference took others than the router did here.
  private(set) var changed = 0

  /// - Parameters:
  ///   - perToken: By layer with experts, how many each position goes through.
  ///   - margin: By layer, how near probabilities tie.
  init(_ reference: Reference, perToken: [Int: Int], margin: @escaping (Int) -> Float) {
    self.reference = reference
    self.routings = perToken
    self.margins = margin
  }

  var steering: ExpertSteering { ExpertSteering(revise: revise) }

  private func revise(
    _ layer: Int, _ router: Tensor, _ output: Tensor
  ) throws -> ExpertSteering.Choices? {
    if search?.layer != layer {
      search = try Search(
        layer, router, output, reference, perToken: routings[layer] ?? 0, margin: margins(layer))
    }
    guard let choices = search?.next(output) else {
      changed += search?.choices.count ?? 0
      return nil
    }
    return choices
  }
}

/// The trials of one layer.
private struct Search {
  let layer: Int
  private let expected: Tensor
  private let largestError: Double
  /// By row with a near-tie: what to try, the router's own choice first.
  private let options: [Int: [[Int]]]
  /// By row: the best option so far, and its error.
  private var best: [Int: (option: Int, error: Double)] = [:]
  private var trial = 0
  private var isDecided = false

  /// More ways to break a tie than this are not tried.
  private static let trials = 64

  /// - Returns: nil where the reference does not record the stream behind the layer, or nothing ties.
  init?(
    _ layer: Int, _ router: Tensor, _ output: Tensor, _ reference: Reference, perToken: Int,
    margin: Float
  ) throws {
    let name = Capture.hiddenStates(layer + 1).name
    guard let expected = try reference.floats(name, like: output) else { return nil }
    self.layer = layer
    self.expected = expected
    self.largestError = Tolerance.defaultError * Spread(expected).scale
    let experts = router.dimensions[2]
    let rows = expected.dimensions[0] * expected.dimensions[1]
    var options: [Int: [[Int]]] = [:]
    for row in 0..<rows {
      let values = router.values[row * experts..<(row + 1) * experts]
      let all = ExpertChoice(values, count: perToken).alternatives(
        values, within: margin, limit: Self.trials)
      if all.count > 1 { options[row] = all }
    }
    guard !options.isEmpty else { return nil }
    self.options = options
  }

  /// The choices that are not the router's.
  var choices: ExpertSteering.Choices {
    best.filter { $0.value.option > 0 }.reduce(into: [:]) { choices, entry in
      choices[entry.key] = options[entry.key]?[entry.value.option]
    }
  }

  /// Takes what a trial gave: what to compute next, or nil once what was computed last is decided on.
  mutating func next(_ output: Tensor) -> ExpertSteering.Choices? {
    guard !isDecided else { return nil }
    for (row, all) in options where trial < all.count && !isSettled(row) {
      let error = error(output, row)
      if error < best[row]?.error ?? .infinity { best[row] = (trial, error) }
    }
    trial += 1
    let open = options.filter { $0.value.count > trial && !isSettled($0.key) }
    guard open.isEmpty else {
      return choices.merging(open.mapValues { $0[trial] }) { _, new in new }
    }
    isDecided = true
    return choices.isEmpty && trial == 1 ? nil : choices
  }

  private func isSettled(_ row: Int) -> Bool { best[row].map { $0.error <= largestError } ?? false }

  private func error(_ output: Tensor, _ row: Int) -> Double {
    let width = expected.dimensions[2]
    let range = row * width..<(row + 1) * width
    return zip(output.values[range], expected.values[range]).reduce(0.0) {
      max($0, abs(Double($1.0) - Double($1.1)))
    }
  }
}

extension ExpertChoice {
  /// All choices that differ from this one by experts whose probabilities tie, this one first; this one alone
  /// where there are more than `limit`.
  ///
  /// - Parameter margin: Probabilities that are less than this from the least chosen one tie with it.
  func alternatives(_ probabilities: ArraySlice<Float>, within margin: Float, limit: Int) -> [[Int]]
  {
    let values = Array(probabilities)
    guard let least = experts.last.map({ values[$0] }), least.isFinite else { return [experts] }
    let tied = values.indices.filter { abs(values[$0] - least) < margin }
    let certain = experts.filter { !tied.contains($0) }
    let open = experts.count - certain.count
    var subsets: [[Int]] = [[]]
    for expert in tied {
      subsets += subsets.filter { $0.count < open }.map { $0 + [expert] }
      guard subsets.count <= 16 * limit else { return [experts] }
    }
    let all = subsets.filter { $0.count == open }.map { certain + $0 }
    guard all.count <= limit else { return [experts] }
    let own = Set(experts)
    return [experts] + all.filter { Set($0) != own }
  }
}
