import HymbaFormat

/// The destination of an export: which files are written, and under the names of which layout.
struct ExportDestination: Hashable, Sendable {
  enum Form: Hashable, Sendable {
    /// One safetensors file.
    case file
    /// A folder with safetensors files, an index where there are several, and the files that belong beside
    /// them.
    case folder
    /// An `.nx` file of Edifice.
    case edifice
    /// A container without compression.
    case container
  }

  let form: Form
  /// The name of a layout, or the path of its document.
  let layout: String

  /// Chooses the form by the output's name and by what exists under it.
  ///
  /// - Parameters:
  ///   - layout: The layout that the user asks for; nil for the one that the checkpoint came from, or that the
  ///     form needs.
  ///   - isSharded: Whether the tensors are divided into several files.
  /// - Throws: ``ConversionError/exportImpossible(_:)`` for a form that is not written or cannot hold this
  ///   checkpoint, ``ConversionError/shardsInOneFile(_:)``, ``ConversionError/containerKeepsLayout(_:)``,
  ///   ``ConversionError/layoutDocumentNeeded(_:)``, and what ``LayoutCatalog/layout(_:)`` throws.
  init(_ output: String, layout: String?, from model: OpenedModel, isSharded: Bool) throws {
    try OutputName.requireExport(output)
    let isVerbatim = model.architecture == nil
    let own = model.layout.name
    let ending = OutputName.ending(of: output)
    guard !isSharded || ending == nil else { throw Self.notAFolder(output) }
    switch ending {
    case .container:
      let expected = isVerbatim ? LayoutReference.verbatim.name : "hymba"
      guard layout == nil || layout == expected else {
        throw ConversionError.containerKeepsLayout(expected)
      }
      (self.form, self.layout) = (.container, expected)
    case .edifice:
      let layout = layout ?? (Self.isEdificeBuiltIn(own) ? own : "edifice")
      guard try Self.isEdifice(layout) else {
        throw ConversionError.exportImpossible(
          "an .nx file holds a checkpoint of Edifice, and the layout \(layout) is not one of Edifice's"
        )
      }
      try Self.requireEdifice(model)
      (self.form, self.layout) = (.edifice, layout)
    case .safetensors: (self.form, self.layout) = (.file, try layout ?? Self.own(own))
    case nil:
      let layout = try layout ?? Self.own(own)
      let isHuggingFace = try Self.family(layout)?.isHuggingFace ?? false
      let isFolder = OutputName.isFolder(output) || isSharded || isHuggingFace
      (self.form, self.layout) = (isFolder ? .folder : .file, layout)
    }
  }

  /// The layout that the checkpoint came from, by the name in its manifest.
  ///
  /// - Throws: ``ConversionError/layoutDocumentNeeded(_:)`` for a layout that is not built in: a manifest holds
  ///   its name and not the path of its document.
  private static func own(_ name: String) throws -> String {
    let known = try LayoutCatalog.builtIn().map(\.name) + [LayoutReference.verbatim.name]
    guard known.contains(name) else {
      throw ConversionError.layoutDocumentNeeded(name)
    }
    return name
  }

  /// The family that a layout belongs to; nil for `verbatim`.
  ///
  /// - Throws: What ``LayoutCatalog/layout(_:)`` throws.
  static func family(_ layout: String) throws -> (any Family)? {
    guard layout != LayoutReference.verbatim.name else { return nil }
    return try LayoutCatalog.layout(layout).configuration.family
  }

  private static func isEdificeBuiltIn(_ name: String) -> Bool {
    (try? own(name)).flatMap { try? isEdifice($0) } ?? false
  }

  private static func isEdifice(_ layout: String) throws -> Bool {
    try family(layout)?.file == .edifice
  }

  /// Refuses a model that no layout of Edifice can hold. The error names the model and not the layout.
  ///
  /// - Throws: ``ConversionError/exportImpossible(_:)``.
  private static func requireEdifice(_ model: OpenedModel) throws {
    guard let architecture = model.architecture,
      let family: any Family = Families.huggingFace.first(where: {
        $0.derived(from: architecture, type: nil) != nil
      }) ?? (try? own(model.layout.name)).flatMap({ try? family($0) })
    else { return }
    guard !family.isHuggingFace else {
      throw FileDiagnosis(
        model.location,
        ConversionError.exportImpossible(
          "an .nx file holds a Hymba as Edifice builds it, and this is \(family.modelTitle), which is another network; name a folder, a .safetensors or a .hymba file"
        ))
    }
  }

  private static func notAFolder(_ output: String) -> ConversionError {
    .shardsInOneFile(FileSystem.name(of: output))
  }
}
