import HymbaFormat
import HymbaModel

/// A layout applied to one architecture: every move between the external names and ours.
struct LayoutPlan: Sendable {
  let layout: Layout
  /// From external names to ours.
  let moves: [Move]
  private let carried: [NamePattern]
  /// How the external names differ from the layout's, with the optional copies that are there.
  let variant: NameVariant

  /// - Parameter isPresent: Whether an optional tensor of the layout, by its external name, is there.
  /// - Throws: ``ConversionError/layoutInvalid(_:)``.
  init(
    _ layout: Layout, _ variant: NameVariant, _ architecture: Architecture,
    _ inventory: ParameterInventory, isPresent: (String) -> Bool
  ) throws(ConversionError) {
    var moves: [Move] = []
    var carried: [NamePattern] = []
    var variant = variant
    variant.copies = []
    for rule in layout.rules {
      let from = try rule.from.map { name throws(ConversionError) in try NamePattern(name) }
      if rule.carry == true {
        carried += from
        continue
      }
      let to = try (rule.to ?? []).map { name throws(ConversionError) in try NamePattern(name) }
      if to.contains(where: \.standsForAnyName) {
        moves += inventory.map { parameter in
          Move(
            sources: from.compactMap { $0.expanded([:], name: parameter.name) },
            targets: [parameter.name], steps: [])
        }
        continue
      }
      let optional = Set(rule.optional ?? [])
      let present = rule.from.filter { optional.contains($0) && isPresent(variant.external($0)) }
      let used = from.filter { !optional.contains($0.text) || present.contains($0.text) }
      let perLayer = (from + to).contains { $0.numbers.contains("layer") }
      let layers: [Int?] = perLayer ? architecture.layers.indices.map { $0 } : [nil]
      for layer in layers {
        let instance = RuleInstance(rule, used, to, architecture.sizes(layer: layer), layer)
        guard let move = try instance.move(inventory) else { continue }
        moves.append(move)
        variant.copies += present
      }
    }
    self.layout = layout
    self.moves = moves.map { move in
      Move(
        sources: move.sources.map(variant.external), targets: move.targets, steps: move.steps)
    }
    self.carried = carried
    self.variant = variant
  }

  /// Whether the layout keeps this external tensor without use.
  func carries(_ name: String) -> Bool {
    variant.candidates(name).contains { name in
      carried.contains { $0.match(name) != nil }
    }
  }
}

/// A rule for one layer.
private struct RuleInstance {
  let rule: Layout.Rule
  let sizes: [String: Int]
  let layer: Int?
  let sources: [String]
  let targets: [String]

  init(
    _ rule: Layout.Rule, _ from: [NamePattern], _ to: [NamePattern], _ sizes: [String: Int],
    _ layer: Int?
  ) {
    var values: [String: Int] = [:]
    if let layer { values["layer"] = layer }
    /// A name with {expert} stands for one name per expert.
    func expand(_ patterns: [NamePattern]) -> [String] {
      patterns.flatMap { pattern -> [String] in
        guard pattern.numbers.contains("expert") else {
          return pattern.expanded(values).map { [$0] } ?? []
        }
        return (0..<(sizes["experts"] ?? 0)).compactMap { expert in
          pattern.expanded(values.merging(["expert": expert]) { $1 })
        }
      }
    }
    self.rule = rule
    self.sizes = sizes
    self.layer = layer
    self.sources = expand(from)
    self.targets = expand(to)
  }

  /// The move; nil when the rule does not hold here: the model has no such parameters, or the rule's
  /// condition says so.
  func move(_ inventory: ParameterInventory) throws(ConversionError) -> Move? {
    guard !targets.isEmpty, targets.allSatisfy({ inventory[$0] != nil }) else { return nil }
    func exists(_ name: String) throws(ConversionError) -> Bool {
      let expanded = try NamePattern(name).expanded(layer.map { ["layer": $0] } ?? [:])
      return expanded.map { inventory[$0] != nil } ?? false
    }
    for name in rule.when?.has ?? [] where try !exists(name) { return nil }
    for name in rule.when?.lacks ?? [] where try exists(name) { return nil }
    for size in rule.when?.sized ?? [] where sizes[size] == nil { return nil }
    for size in rule.when?.unsized ?? [] where sizes[size] != nil { return nil }
    return Move(
      sources: sources, targets: targets,
      steps: try (rule.steps ?? []).map { step throws(ConversionError) in
        try TransformStep(step, sizes: sizes, copies: sources.count)
      })
  }
}
