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
    /// A GGUF file of llama.cpp.
    case gguf
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
    case .gguf: (self.form, self.layout) = (.gguf, try Self.ggufLayout(layout, model))
    case .safetensors:
      (self.form, self.layout) = (.file, try Self.inTensors(layout, output) ?? Self.ownInTensors(own))
    case nil:
      let layout = try Self.inTensors(layout, output) ?? Self.ownInTensors(own)
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

  /// The layout that the checkpoint came from; for one of GGUF files that of the family's released checkpoints.
  private static func ownInTensors(_ name: String) throws -> String {
    let name = try own(name)
    guard name != LayoutReference.verbatim.name, try LayoutCatalog.layout(name).format == .gguf,
      let family = try family(name) as? any GGUFFamily
    else { return name }
    return family.releasedLayout
  }

  /// The layout that the user asks for in safetensors files.
  ///
  /// - Throws: ``ConversionError/exportImpossible(_:)`` for a layout of GGUF files, whose names no library looks for in
  ///   other files.
  private static func inTensors(_ asked: String?, _ output: String) throws -> String? {
    guard let asked, asked != LayoutReference.verbatim.name,
      try LayoutCatalog.layout(asked).format == .gguf
    else { return asked }
    let name = FileSystem.name(of: String(output.reversed().drop { $0 == "/" }.reversed()))
    let stem = name.hasSuffix(".safetensors") ? String(name.dropLast(".safetensors".count)) : name
    throw ConversionError.exportImpossible(
      "the layout \(asked.printable) is that of GGUF files, and “\(name.printable)” would be none; name it “\(stem.printable).gguf”"
    )
  }

  /// The layout of a GGUF file: the one that the user asks for, or that of the model's family.
  ///
  /// - Throws: ``ConversionError/exportImpossible(_:)`` for a layout of another format, and for a model that
  ///   llama.cpp does not run.
  private static func ggufLayout(_ asked: String?, _ model: OpenedModel) throws -> String {
    if let asked {
      guard asked != LayoutReference.verbatim.name, try LayoutCatalog.layout(asked).format == .gguf else {
        throw ConversionError.exportImpossible(
          "a GGUF file has names of its own, and the layout \(asked.printable) is none of \(Families.list(Families.gguf.map(\.ggufLayout), "and"))"
        )
      }
      return asked
    }
    let (architecture, _) = try model.requireArchitecture(for: "a GGUF file")
    let families = Families.gguf
    let own = (try? family(model.layout.name)) ?? nil
    if let family = families.first(where: { $0.name == own?.name })
      ?? families.first(where: { $0.derived(from: architecture, type: nil) != nil })
    {
      return family.ggufLayout
    }
    let title = own.map { $0.fitsAnyLayout ? "this model" : $0.modelTitle } ?? "this model"
    throw FileDiagnosis(
      model.location,
      ConversionError.exportImpossible(
        "llama.cpp has no architecture for \(title), so a GGUF file of it would run nowhere (\(Self.threads)); what it runs is \(Families.list(families.map(\.modelName), "and"))"
      ))
  }

  /// Where people have asked for the architectures that llama.cpp does not have.
  private static let threads =
    "for Zamba2 see ggml-org/llama.cpp issue 8795 and pull request 21412; for Hymba, ollama issue 7847"

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
