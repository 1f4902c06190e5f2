import HymbaFormat
import HymbaModel

/// A layout applied to one architecture: every move between the external names and ours.
struct LayoutPlan: Sendable {
  let layout: Layout
  /// The moves from external names to ours.
  let moves: [Move]
  /// The rule of each move, by its position in the layout.
  let rules: [Int]
  /// The layout's names of tensors that are kept without use.
  private let carried: [NamePattern]
  /// The difference between the external names and the layout's, with the optional copies that are there.
  let variant: NameVariant

  /// Applies a layout to an architecture.
  ///
  /// - Parameters:
  ///   - variant: The variant of the external names, with ``NameVariant/sharedLayers`` where those are known
  ///     already.
  ///   - isPresent: Whether the checkpoint has the tensor of an external name. The answer matters only for
  ///     rules that name copies.
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
        // One copy suffices, even where the tensor itself is absent.
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
    // All tensors of a shared block lie under the same layers, so these are found once for all of them.
    var sharedLayers = Set(variant.sharedLayers)
    if sharedLayers.isEmpty {
      for (_, reading) in copied {
        for place in try reading.sharedTensors.flatMap(\.places)
        where isPresent(variant.external(place.name)) {
          sharedLayers.insert(place.layer)
        }
      }
    }
    var usedLayers: Set<Int> = []
    for (index, reading) in copied {
      for tensor in try reading.sharedTensors {
        let (move, layers) = try reading.move(tensor, copiesAt: sharedLayers)
        moves.append(move)
        rules.append(index)
        usedLayers.formUnion(layers)
      }
    }
    variant.sharedLayers = usedLayers.sorted()
    self.layout = layout
    self.moves = moves.map { move in
      var move = move
      move.sources = move.sources.map(variant.external)
      return move
    }
    self.rules = rules
    self.carried = carried
    self.variant = variant
  }

  /// The positions of the rules that map nothing: they are for other models, or have a misspelled name.
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
