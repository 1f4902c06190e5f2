import HymbaModel

/// Finds out which experts a reference went through at near-ties of routers, from the reference's stream behind
/// the layer.
///
/// Where probabilities tie, every choice among the tied experts is right, and the sorting of a library decides.
/// The layer is computed with one choice after another, for all such positions together. Each position keeps
/// the choice that agrees best with the recorded stream behind the layer.
final class ReferenceExperts {
  private let reference: Reference
  private let choosers: [Int: ExpertChooser]
  private let margins: (Int) -> Float
  private var search: Search?
  /// The number of rows at which the reference took other experts than the router did here. A position counts
  /// once for each layer.
  private(set) var changed = 0

  /// - Parameters:
  ///   - choosers: The rules by which routers choose, by layer with experts.
  ///   - margin: The margin below which probabilities tie, by layer.
  init(_ reference: Reference, choosers: [Int: ExpertChooser], margin: @escaping (Int) -> Float) {
    self.reference = reference
    self.choosers = choosers
    self.margins = margin
  }

  var steering: ExpertSteering { ExpertSteering(revise: revise) }

  private func revise(
    _ layer: Int, _ router: Tensor, _ output: Tensor
  ) throws -> ExpertSteering.Choices? {
    if search?.layer != layer, let chooser = choosers[layer] {
      search = try Search(layer, router, output, reference, chooser, margin: margins(layer))
    }
    guard let choices = search?.next(output) else {
      changed += search?.choices.count ?? 0
      return nil
    }
    return choices
  }
}

/// The search for the choices of one layer.
private struct Search {
  let layer: Int
  private let expected: Tensor
  private let largestError: Double
  /// The choices to try for each row with a near-tie, the router's own choice first.
  private let options: [Int: [[Int]]]
  /// The best choice of each row so far, as its index in the options, and its error.
  private var best: [Int: (option: Int, error: Double)] = [:]
  private var trial = 0
  private var isDecided = false

  /// The most choices that are tried for one row.
  private static let trials = 64

  /// - Returns: Nil where the reference does not record the stream behind the layer, or nothing ties.
  init?(
    _ layer: Int, _ router: Tensor, _ output: Tensor, _ reference: Reference,
    _ chooser: ExpertChooser, margin: Float
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
      let all = chooser(values).alternatives(
        chooser.scores(values)[...], within: margin, limit: Self.trials)
      if all.count > 1 { options[row] = all }
    }
    guard !options.isEmpty else { return nil }
    self.options = options
  }

  /// The best choices so far that are not the router's.
  var choices: ExpertSteering.Choices {
    best.filter { $0.value.option > 0 }.reduce(into: [:]) { choices, entry in
      choices[entry.key] = options[entry.key]?[entry.value.option]
    }
  }

  /// Takes the result of a trial.
  ///
  /// - Returns: The choices to compute next; nil once the last computation was made with the final choices.
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
      Difference.larger($0, abs(Double($1.0) - Double($1.1)))
    }
  }
}

extension ExpertChoice {
  /// All choices that differ from this one only by experts whose scores tie, this one first. Where there
  /// are more than `limit`, only this one.
  ///
  /// - Parameter margin: Scores tie with the lowest chosen one if they differ from it by less than this.
  /// - Complexity: Exponential in the number of tied experts, bounded by `limit`.
  func alternatives(_ scores: ArraySlice<Float>, within margin: Float, limit: Int) -> [[Int]]
  {
    let values = Array(scores)
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
