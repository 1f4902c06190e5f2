public import HymbaFormat
import HymbaModel

extension OpenedModel {
  /// The checkpoint under the names and shapes of a layout: the inverse of opening it. The tensors are mapped
  /// when they are read.
  ///
  /// - Parameters:
  ///   - layoutName: The name of a built-in layout, or the path of a layout in JSON.
  ///   - plainNames: Whether the names are the layout's own. Otherwise an export to the layout that the checkpoint
  ///     came from restores the name prefixes that the source had.
  /// - Throws: ``ConversionError/architectureNeeded(_:)`` for a checkpoint that was kept verbatim,
  ///   ``ConversionError/exportImpossible(_:)`` when the layout has no place for a parameter, or two,
  ///   ``ConversionError/layoutInvalid(_:)`` and other errors of ``ConversionError`` for a layout that does not
  ///   fit, and what ``LayoutCatalog/layout(_:)`` throws.
  public func exported(
    to layoutName: String, plainNames: Bool = false
  ) throws -> any CheckpointSource {
    if layoutName == LayoutReference.verbatim.name { return parameters.copied }
    let layout = try LayoutCatalog.layout(layoutName)
    let (architecture, inventory) = try requireArchitecture(for: "an export to another layout")
    let comesFromThere = layout.name == self.layout.name
    var variant = comesFromThere ? self.layout.variant : NameVariant()
    if plainNames { variant.makeNamesPlain() }
    let present = layout.namesWithCopies(in: variant)
    let plan: LayoutPlan
    do {
      plan = try LayoutPlan(
        layout, variant, architecture, inventory, isPresent: present.contains)
    } catch {
      // The error is in the layout and not in the checkpoint, so the message names the layout.
      throw FileDiagnosis(layoutName, error)
    }
    var places: [String: Int] = [:]
    for name in plan.moves.flatMap(\.targets) { places[name, default: 0] += 1 }
    let homeless = inventory.map(\.name).filter { places[$0] == nil }
    guard homeless.isEmpty else {
      throw FileDiagnosis(
        location,
        ConversionError.exportImpossible(
          "the layout \(layout.name.printable) is that of \(layout.configuration.family.modelTitle) and has no place for \(homeless.count == 1 ? "the parameter" : "\(homeless.count) parameters, first") \(homeless[0])"
        ))
    }
    if let name = inventory.map(\.name).first(where: { places[$0, default: 0] > 1 }) {
      throw FileDiagnosis(
        location,
        ConversionError.exportImpossible(
          "the layout \(layout.name.printable) has several places for \(name); its rules need a when"
        ))
    }
    // Another layout of the family keeps what it carries itself. What was kept beside a parameter is written in the
    // place of what is computed of that.
    let computed = Set(plan.moves.lazy.filter(\.keepsSource).flatMap(\.sources))
    let carried = description.carried.filter {
      (comesFromThere || plan.carries($0)) && !computed.contains($0)
    }
    return try naming(location) {
      try MappedSource(
        ComputedSource.doing(plan.moves, in: parameters.copied), moves: plan.moves.map(\.inverse),
        carried: carried)
    }
  }
}

extension OpenedModel {
  /// The string metadata of the exported file. The source's own metadata is kept when the layout is the one it
  /// came from. The layout `hymba` adds the architecture, and layouts of Hugging Face's add the `format` entry
  /// that its library expects.
  ///
  /// - Throws: What ``LayoutCatalog/name(_:)`` throws.
  public func exportMetadata(for layoutName: String) throws -> NameTable<String> {
    let name = try LayoutCatalog.name(layoutName)
    var metadata = name == description.layout.name ? description.metadata : [:]
    if try ExportDestination.family(layoutName)?.isHuggingFace ?? false {
      metadata["format"] = metadata["format"] ?? "pt"
    }
    if name == "hymba", let json = description.architecture {
      metadata[SafetensorsSource.architectureKey] = String(decoding: json, as: UTF8.self)
      let assumed = AssumedOption.sentences(in: assumptions)
      metadata[SafetensorsSource.assumedKey] =
        assumed.isEmpty ? nil : assumed.joined(separator: "\n")
    }
    return metadata
  }

  /// The `config.json` with which Hugging Face's library loads the exported folder: the one that the checkpoint
  /// came with, if it is of the layout's kind, or the one that a container keeps. Nil for other kinds and layouts.
  ///
  /// - Throws: What ``LayoutCatalog/layout(_:)`` throws, and the errors of reading the document.
  public func exportConfiguration(for layoutName: String) throws -> ConfigurationDocument? {
    guard layoutName != LayoutReference.verbatim.name else { return nil }
    let family = try LayoutCatalog.layout(layoutName).configuration
    guard family.isHuggingFace else { return nil }
    if let document = description.configuration,
      try Configuration(document).family.name == family.name
    {
      return document
    }
    return try keptConfiguration(of: family.family)
  }

  /// The `config.json` of the source's folder, which a container keeps where its manifest holds another
  /// configuration. Nil for one that does not describe this model.
  private func keptConfiguration(of family: any Family) throws -> ConfigurationDocument? {
    let name = KeptAttachments.configurationFile
    guard let architecture, let attached, let size = attached.tensors[AttachmentName.file(name).text],
      size.byteCount <= Limits.configurationBytes,
      let text = String(
        validating: try attached.bytes(of: .file(name)) ?? [], as: UTF8.self)
    else { return nil }
    let document = ConfigurationDocument(origin: name, text: text)
    guard let configuration = try? Configuration(document), configuration.family.name == family.name,
      (try? configuration.architecture(hasHead: architecture.output.isLogits)) == architecture
    else { return nil }
    return document
  }

  /// The `config.json` of a Hugging Face layout, derived from the architecture; nil where none describes it.
  ///
  /// - Throws: What ``LayoutCatalog/layout(_:)`` throws, and ``ConversionError`` when it cannot be derived.
  func derivedConfiguration(for layoutName: String) throws -> ConfigurationDocument? {
    guard layoutName != LayoutReference.verbatim.name, let architecture else { return nil }
    return try LayoutCatalog.layout(layoutName).configuration.family.derived(
      from: architecture, type: parameters.tensors.first { $0.type.isFloatingPoint }?.type)
  }
}

extension Layout {
  /// The external names of the tensors that a checkpoint of this variant holds for rules with optional copies.
  func namesWithCopies(in variant: NameVariant) -> Set<String> {
    var names = Set(variant.copies + variant.substitutes)
    var absent: Set<String> = []
    for rule in rules {
      guard let optional = rule.optional else { continue }
      let originals = Set(rule.from).subtracting(optional)
      if Set(optional).isDisjoint(with: variant.substitutes) {
        names.formUnion(originals)
      } else {
        absent.formUnion(originals)
      }
    }
    // A rule with the same original and fewer copies may be for another model.
    return Set(names.subtracting(absent).map(variant.external))
  }
}
