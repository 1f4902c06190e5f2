package import HymbaFormat

/// Which layout a checkpoint has, and why that one.
package struct LayoutMatch: Sendable {
  package let layout: Layout
  /// How the checkpoint's names differ from the layout's.
  package let variant: NameVariant
  package let reason: String
}

enum LayoutDetection {
  /// The first of `layouts` whose signature names are all there, under one prefix, with or without parts of
  /// wrappers within the names.
  /// - Throws: ``ConversionError/otherKind(_:)`` for a checkpoint of a kind that is no model's weights,
  ///   ``ConversionError/unrecognised(tensorCount:nearest:)`` with the nearest layout.
  static func detect(
    _ tensors: TensorTable, among layouts: [Layout]
  ) throws(ConversionError) -> LayoutMatch {
    // First, because quantised weights lie beside enough of the original names to look like a layout.
    if let error = CheckpointKind.recognise(tensors) { throw error }
    for wrappers in [NameWrapping.wrappers, NameWrapping.allWrappers] {
      let isWrapped = tensors.contains { NameWrapping.holds($0.name, wrappers) }
      for layout in layouts {
        if let match = match(tensors, layout, of: isWrapped ? wrappers : []) { return match }
      }
    }
    if let kind = CheckpointKind.recognisePart(tensors) { throw .otherKind(kind) }
    if let problem = NameWrapping.problem(in: tensors) { throw problem }
    throw .unrecognised(
      tensorCount: tensors.count,
      nearest: layouts.compactMap { nearness(tensors, $0) }.max { $0.fitting < $1.fitting }?.text)
  }

  /// The match of the one layout that the user names.
  /// - Throws: ``ConversionError/layoutUnfit(_:absent:)``.
  static func require(
    _ layout: Layout, in tensors: TensorTable
  ) throws(ConversionError) -> LayoutMatch {
    if let match = match(tensors, layout) { return match }
    throw .layoutUnfit(layout.name, absent: absent(from: tensors, layout))
  }

  static func match(_ tensors: TensorTable, _ layout: Layout) -> LayoutMatch? {
    match(tensors, layout, of: NameWrapping.wrappers)
      ?? match(tensors, layout, of: NameWrapping.allWrappers)
  }

  /// - Parameter wrappers: Parts of names that are wrappers' and not the layout's; empty where no name has any.
  private static func match(
    _ tensors: TensorTable, _ layout: Layout, of wrappers: Set<String>
  ) -> LayoutMatch? {
    guard !wrappers.isEmpty, let wrapping = NameWrapping(tensors.lazy.map(\.name), of: wrappers, knownTo: layout),
      let unwrapped = try? wrapping.unwrapped(tensors)
    else { return match(tensors, layout, NameWrapping()) }
    return match(unwrapped, layout, wrapping)
  }

  private static func match(
    _ tensors: TensorTable, _ layout: Layout, _ wrapping: NameWrapping
  ) -> LayoutMatch? {
    for omitted in ["", layout.optionalPrefix ?? ""] {
      guard case (var variant, let names)? = variant(of: tensors, layout, omitted: omitted)
      else { continue }
      variant.wrapping = wrapping
      let differs = variant.text.map { " \($0.printable)" } ?? ""
      return LayoutMatch(
        layout: layout, variant: variant,
        reason: "it has \(names.map(\.printable).joined(separator: ", "))\(differs)")
    }
    return nil
  }

  /// How the names differ, and which of the layout's names were found.
  private static func variant(
    of tensors: TensorTable, _ layout: Layout, omitted: String
  ) -> (NameVariant, names: [String])? {
    let plain = NameVariant(omitted: omitted)
    guard let first = layout.signature.first?.names.first.map(plain.external) else { return nil }
    // The shortest prefix: a nested copy of the same names does not hide the outer one.
    let prefixes = tensors.compactMap { $0.name.utf8Rest(before: first) }
      .filter { $0.isEmpty || $0.utf8.last == UInt8(ascii: ".") }.filter { NameVariant.canRemember(prefix: $0) }
      .sorted { $0.utf8.count < $1.utf8.count }
    for prefix in prefixes.prefix(Limits.nestedModels) {
      let variant = NameVariant(prefix: prefix, omitted: omitted)
      let names = layout.signature.compactMap { find($0, variant, tensors) }
      let isUnlike = (layout.unlike ?? []).contains { find($0, variant, tensors) != nil }
      if names.count == layout.signature.count, !isUnlike { return (variant, names) }
    }
    return nil
  }

  private static func find(
    _ mark: Layout.Mark, _ variant: NameVariant, _ tensors: TensorTable
  ) -> String? {
    mark.names.lazy.compactMap { find($0, variant, tensors) }.first
  }

  /// What of the signature is not there under the layout's own names.
  private static func absent(from tensors: TensorTable, _ layout: Layout) -> [String] {
    layout.signature.filter { find($0, NameVariant(), tensors) == nil }.map(\.text)
  }

  /// The layout's name of the tensor that a name of its signature stands for; with `{layer}`, of the first
  /// such tensor.
  private static func find(
    _ name: String, _ variant: NameVariant, _ tensors: TensorTable
  ) -> String? {
    guard name.contains("{") else { return tensors[variant.external(name)].map { _ in name } }
    guard let own = try? NamePattern(name),
      let pattern = try? NamePattern(variant.external(name))
    else { return nil }
    return tensors.lazy.compactMap { pattern.match($0.name) }.first.flatMap { own.expanded($0) }
  }

  /// How near a layout comes, by the tensors that fit: nil when nothing of it is there.
  private static func nearness(
    _ tensors: TensorTable, _ layout: Layout
  ) -> (fitting: Int, text: String)? {
    let patterns = layout.rules.flatMap(\.from).compactMap { try? NamePattern($0) }
      .filter { !$0.standsForAnyName }
    var fitting = 0
    var stranger: TensorDescriptor?
    for tensor in tensors {
      if patterns.contains(where: { $0.match(tensor.name) != nil }) {
        fitting += 1
      } else if stranger == nil {
        stranger = tensor
      }
    }
    let absent = absent(from: tensors, layout)
    guard fitting > 0 || absent.count < layout.signature.count else { return nil }
    return (
      fitting,
      "\(layout.name): \(fitting) of \(tensors.count) tensors fit"
        + (absent.isEmpty ? "" : ", \(absent[0]) is missing")
        + (stranger.map { ", \($0.name.printable) does not fit" } ?? "")
    )
  }
}
