import HymbaFormat
package import HymbaModel

/// The number of tensors that a model has under the names of a layout. It differs from the number of parameters
/// where a layout keeps several of them in one tensor.
package struct LayoutSize: Hashable, Sendable, Encodable {
  package let layout: String
  package let tensors: Int
}

extension LayoutCatalog {
  /// The sizes of a model under the built-in layouts of a family, in the order in which layouts are tried. Copies
  /// that a checkpoint may leave out do not count. Empty where none of the layouts holds the whole model.
  ///
  /// - Throws: ``ConversionError/layoutInvalid(_:)``.
  package static func sizes(
    of architecture: Architecture, _ inventory: ParameterInventory, in family: ConfigurationFamily
  ) throws(ConversionError) -> [LayoutSize] {
    guard !family.family.fitsAnyLayout else { return [] }
    var sizes: [LayoutSize] = []
    for layout in try builtIn() where layout.configuration == family {
      let plan = try LayoutPlan(
        layout, NameVariant(), architecture, inventory, isPresent: { _ in false })
      guard Set(plan.moves.flatMap(\.targets)).count == inventory.count else { continue }
      sizes.append(
        LayoutSize(layout: layout.name, tensors: Set(plan.moves.flatMap(\.sources)).count))
    }
    return sizes
  }
}
