package import HymbaFormat

/// The layout that a checkpoint has, and why.
package struct LayoutMatch: Sendable {
  package let layout: Layout
  /// The difference between the names in the checkpoint and the names in the layout.
  package let variant: NameVariant
  package let reason: String
}

enum LayoutDetection {
  /// The first of `layouts` whose signature is all there under one prefix. The names may have parts of wrappers
  /// in them.
  ///
  /// - Throws: ``ConversionError/otherKind(_:)`` for a checkpoint that is not the weights of a whole model,
  ///   ``ConversionError/otherNetwork(_:)`` for a similar network, ``ConversionError/wrapped(part:)`` for
  ///   wrapped names of no known layout, and otherwise ``ConversionError/unrecognised(tensorCount:nearest:)``
  ///   with the nearest layout.
  /// - Complexity: Looks at the names of all tensors several times for each layout.
  static func detect(
    _ tensors: TensorTable, among layouts: [Layout]
  ) throws(ConversionError) -> LayoutMatch {
    // This comes first: beside quantised weights there are enough of the original names to look like a
    // layout.
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
      nearest: nearest(tensors, among: layouts)?.text)
  }

  /// The match of the layout that the user names.
  /// - Throws: ``ConversionError/layoutUnfit(_:absent:)`` where names of its signature are absent.
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

  /// - Parameter wrappers: The parts of names that count as parts of wrappers; empty where no name has any.
  ///   Parts that the layout itself uses do not count.
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

  /// The difference between the names in the checkpoint and in the layout, and the names of the signature that
  /// were found; nil where the signature is not all there.
  private static func variant(
    of tensors: TensorTable, _ layout: Layout, omitted: String
  ) -> (NameVariant, names: [String])? {
    let plain = NameVariant(omitted: omitted)
    guard let first = layout.signature.first?.names.first.map(plain.external) else { return nil }
    // The shortest prefix is tried first, so that a nested copy of the same names does not hide the outer
    // one.
    let prefixes = tensors.compactMap { $0.name.utf8Rest(before: first) }
      .filter { $0.isEmpty || $0.utf8.last == UInt8(ascii: ".") }.filter { NameVariant.canRemember(prefix: $0) }
      .sorted { $0.utf8.count < $1.utf8.count }
    for prefix in prefixes.prefix(Limits.nestedModels) {
      let variant = NameVariant(prefix: prefix, omitted: omitted)
      let names = layout.signature.compactMap { find($0, variant, tensors) }
      let isUnlike = (layout.unlike ?? []).contains { mark in
        mark.names.allSatisfy { find($0, variant, tensors) != nil }
      }
      if names.count == layout.signature.count, !isUnlike { return (variant, names) }
    }
    return nil
  }

  private static func find(
    _ mark: Layout.Mark, _ variant: NameVariant, _ tensors: TensorTable
  ) -> String? {
    mark.names.lazy.compactMap { find($0, variant, tensors) }.first
  }

  /// The parts of the signature that are not there under the layout's own names.
  private static func absent(from tensors: TensorTable, _ layout: Layout) -> [String] {
    layout.signature.filter { find($0, NameVariant(), tensors) == nil }.map(\.text)
  }

  /// The layout's name of the tensor that a name of the signature stands for; nil where there is no such
  /// tensor. A name with `{layer}` stands for the first tensor that fits.
  private static func find(
    _ name: String, _ variant: NameVariant, _ tensors: TensorTable
  ) -> String? {
    guard name.contains("{") else { return tensors[variant.external(name)].map { _ in name } }
    guard let own = try? NamePattern(name),
      let pattern = try? NamePattern(variant.external(name))
    else { return nil }
    return tensors.lazy.compactMap { pattern.match($0.name) }.first.flatMap { own.expanded($0) }
  }

  /// The layout that the most tensors fit; nil where nothing of any layout is there.
  /// - Complexity: Compares the name of each tensor with each source name of each layout.
  static func nearest(_ tensors: TensorTable, among layouts: [Layout]) -> NearestLayout? {
    layouts.compactMap { nearness(tensors, $0) }.max { $0.fitting < $1.fitting }
  }

  /// How near a layout comes to the checkpoint; nil where nothing of the layout is there.
  private static func nearness(_ tensors: TensorTable, _ layout: Layout) -> NearestLayout? {
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
    return NearestLayout(
      layout: layout.name, fitting: fitting, tensorCount: tensors.count, absent: absent.first,
      stranger: stranger?.name)
  }
}
