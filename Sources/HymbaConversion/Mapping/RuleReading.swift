import HymbaFormat
import HymbaModel

/// A rule of a layout, read for one architecture. It gives the moves between the layout's names and ours.
struct RuleReading {
  let rule: Layout.Rule
  let from: [NamePattern]
  let to: [NamePattern]
  let architecture: Architecture
  let inventory: ParameterInventory

  /// - Throws: ``ConversionError/layoutInvalid(_:)``.
  init(
    _ rule: Layout.Rule, _ architecture: Architecture, _ inventory: ParameterInventory
  ) throws(ConversionError) {
    self.rule = rule
    self.from = try rule.from.map { name throws(ConversionError) in try NamePattern(name) }
    self.to = try (rule.to ?? []).map { name throws(ConversionError) in try NamePattern(name) }
    self.architecture = architecture
    self.inventory = inventory
  }

  /// The moves of the rule: one for each layer and expert for which it holds, or a single one.
  ///
  /// - Parameter absent: The sources that are not there, which other copies replace.
  /// - Throws: ``ConversionError/layoutInvalid(_:)``.
  func moves(without absent: Set<String>) throws(ConversionError) -> [Move] {
    let used = from.filter { !absent.contains($0.text) }
    let perLayer = has("layer", from + to)
    // With {expert} on one side only, one move has the tensors of all experts.
    let perExpert = has("expert", from) && has("expert", to)
    let uses = has("use", from) ? architecture.sharedUses : []
    var moves: [Move] = []
    for layer in perLayer ? architecture.layers.indices.map({ $0 }) : [nil] {
      let sizes = architecture.sizes(layer: layer)
      var values: [String: Int] = [:]
      values["layer"] = layer
      values["use"] = uses.first { $0.layer == layer }?.use
      guard try holds(values, sizes) else { continue }
      let experts: [Int?] = perExpert ? (0..<(sizes["experts"] ?? 0)).map { $0 } : [nil]
      for expert in experts {
        values["expert"] = expert
        let sources = Self.expand(used, values, sizes)
        let expanded = Self.expand(to, values, sizes)
        // The names are the inventory's own strings, so that each is in memory once.
        let targets = expanded.compactMap { inventory[$0]?.name }
        // In a layer without experts, the side that stands for the tensors of all experts is empty.
        guard !sources.isEmpty, !targets.isEmpty, targets.count == expanded.count else { continue }
        var move = try move(sources, targets, sizes)
        for step in rule.steps ?? [] {
          guard case .value(let step) = step,
            let map = try ValueMap(step, sizes: sizes, factors: architecture.factors(layer: layer))
          else { continue }
          move.values.append(map)
        }
        moves.append(move)
      }
    }
    return moves
  }

  // MARK: Parts

  func move(
    _ sources: [String], _ targets: [String], _ sizes: [String: Int]
  ) throws(ConversionError) -> Move {
    var steps: [TransformStep] = []
    for step in rule.steps ?? [] {
      guard let step = try TransformStep(step, sizes: sizes, copies: sources.count) else { continue }
      steps.append(step)
    }
    // Copies are compared before their elements move, range by range. Equal copies are still equal after it.
    if let same = steps.firstIndex(of: .same(sources.count)), steps[..<same].allSatisfy(\.isOfEach)
    {
      steps.insert(steps.remove(at: same), at: 0)
    }
    // A single copy needs no comparison. Without the step, its bytes pass through.
    return Move(sources: sources, targets: targets, steps: steps.filter { $0 != .same(1) })
  }

  /// Whether the rule's condition holds for these numbers in place of the placeholders.
  func holds(
    _ values: [String: Int], _ sizes: [String: Int]
  ) throws(ConversionError) -> Bool {
    func exists(_ name: String) throws(ConversionError) -> Bool {
      let expanded = try NamePattern(name).expanded(values)
      return expanded.map { inventory[$0] != nil } ?? false
    }
    for name in rule.when?.has ?? [] where try !exists(name) { return false }
    for name in rule.when?.lacks ?? [] where try exists(name) { return false }
    for size in rule.when?.sized ?? [] where sizes[size] == nil { return false }
    for size in rule.when?.unsized ?? [] where sizes[size] != nil { return false }
    return true
  }

  func has(_ placeholder: String, _ patterns: [NamePattern]) -> Bool {
    patterns.contains { $0.numbers.contains(placeholder) }
  }

  /// The names that the patterns stand for. An {expert} without a value stands for all experts: the names then
  /// follow expert by expert.
  static func expand(
    _ patterns: [NamePattern], _ values: [String: Int], _ sizes: [String: Int]
  ) -> [String] {
    let stacked = values["expert"] == nil && patterns.contains { $0.numbers.contains("expert") }
    guard stacked else { return patterns.compactMap { $0.expanded(values) } }
    return (0..<(sizes["experts"] ?? 0)).flatMap { expert in
      patterns.compactMap { $0.expanded(values.merging(["expert": expert]) { $1 }) }
    }
  }
}
