import HymbaFormat
import HymbaModel

/// A layout applied to one architecture: every move between the external names and ours.
struct LayoutPlan: Sendable {
  let layout: Layout
  /// From external names to ours.
  let moves: [Move]
  /// The rule that each move is of, by its position in the layout.
  let rules: [Int]
  private let carried: [NamePattern]
  /// How the external names differ from the layout's, with the optional copies that are there.
  let variant: NameVariant

  /// - Parameters:
  ///   - variant: Of the external names; with ``NameVariant/sharedLayers`` where those are known already.
  ///   - isPresent: Whether a tensor of the layout that has copies, by its external name, is there.
  /// - Throws: ``ConversionError/layoutInvalid(_:)``.
  init(
    _ layout: Layout, _ variant: NameVariant, _ architecture: Architecture,
    _ inventory: ParameterInventory, isPresent: (String) -> Bool
  ) throws(ConversionError) {
    var moves: [Move] = []
    var rules: [Int] = []
    var carried: [NamePattern] = []
    var variant = variant
    variant.copies = []
    variant.substitutes = []
    var copied: [(rule: Int, reading: RuleReading)] = []
    for (index, rule) in layout.rules.enumerated() {
      let reading = try RuleReading(rule, architecture, inventory)
      defer { rules += [Int](repeating: index, count: moves.count - rules.count) }
      if rule.carry == true {
        carried += reading.from
      } else if reading.to.contains(where: \.standsForAnyName) {
        let start = String(reading.to[0].text.dropLast("{name}".count))
        for name in inventory.lazy.map(\.name) {
          guard let rest = name.utf8Rest(after: start), !rest.isEmpty else { continue }
          moves.append(
            Move(
              sources: reading.from.compactMap { $0.expanded([:], name: rest) }, targets: [name],
              steps: []))
        }
      } else if rule.copiesOverLayers {
        copied.append((index, reading))
      } else {
        let optional = Set(rule.optional ?? [])
        let present = rule.from.filter { isPresent(variant.external($0)) }
        let copies = present.filter(optional.contains)
        // One copy suffices: the tensor itself may be what is absent.
        let isSubstituted = !copies.isEmpty && copies.count == present.count
        let absent = Set(rule.from).subtracting(present)
        let own = try layout.inRule(index) { () throws(ConversionError) in
          try reading.moves(without: isSubstituted ? absent : absent.intersection(optional))
        }
        moves += own
        if isSubstituted {
          variant.substitutes += own.flatMap { _ in copies }
        } else {
          variant.copies += own.flatMap { _ in copies }
        }
      }
    }
    // All that is shared lies under the same layers, so these are found once for all copies.
    var sharedLayers = Set(variant.sharedLayers)
    if sharedLayers.isEmpty {
      for (_, reading) in copied {
        for (layer, name) in try reading.copies where isPresent(variant.external(name)) {
          sharedLayers.insert(layer)
        }
      }
    }
    variant.sharedLayers = []
    for (index, reading) in copied {
      guard let move = try reading.move(copiesAt: sharedLayers) else { continue }
      moves.append(move.move)
      rules.append(index)
      variant.sharedLayers = Set(variant.sharedLayers).union(move.layers).sorted()
    }
    self.layout = layout
    self.moves = moves.map { move in
      Move(
        sources: move.sources.map(variant.external), targets: move.targets, steps: move.steps)
    }
    self.rules = rules
    self.carried = carried
    self.variant = variant
  }

  /// The rules that map nothing here: those for other models, or with a name that is misspelled.
  var idleRules: [Int] {
    let busy = Set(rules)
    return layout.rules.indices.filter { layout.rules[$0].carry != true && !busy.contains($0) }
  }

  /// Whether the layout keeps this external tensor without use.
  func carries(_ name: String) -> Bool {
    variant.candidates(name).contains { name in
      carried.contains { $0.match(name) != nil }
    }
  }
}
