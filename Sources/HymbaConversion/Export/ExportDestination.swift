import HymbaFormat

/// What an export writes: which files, and under which layout's names.
struct ExportDestination: Hashable, Sendable {
  enum Form: Hashable, Sendable {
    /// One safetensors file.
    case file
    /// A folder with safetensors and what belongs to them.
    case folder
    /// Edifice's `.nx`.
    case edifice
    /// A container without compression.
    case container
  }

  let form: Form
  /// A layout's name or path.
  let layout: String

  /// The form follows from what the output is called and what is there.
  ///
  /// - Parameters:
  ///   - layout: As the user asks; nil for the one that the checkpoint came from, or that the form needs.
  ///   - isSharded: Whether the tensors are to be divided into several files.
  /// - Throws: ``ConversionError/exportImpossible(_:)`` for a form that cannot hold such a checkpoint.
  init(_ output: String, layout: String?, from model: OpenedModel, isSharded: Bool) throws {
    try OutputName.requireExport(output)
    let isFolder = OutputName.isFolder(output)
    let isVerbatim = model.architecture == nil
    let own = model.layout.name
    if !isFolder, output.hasSuffix(".hymba") {
      guard !isSharded else { throw Self.notAFolder(output) }
      let expected = isVerbatim ? LayoutReference.verbatim.name : "hymba"
      guard layout == nil || layout == expected else {
        throw ConversionError.exportImpossible(
          "a container holds the names of the layout \(expected) and gives the others back at the next export; leave out --layout"
        )
      }
      (self.form, self.layout) = (.container, expected)
    } else if !isFolder, output.hasSuffix(".nx") {
      guard !isSharded else { throw Self.notAFolder(output) }
      let layout = layout ?? (Self.isEdificeBuiltIn(own) ? own : "edifice")
      guard try Self.isEdifice(layout) else {
        throw ConversionError.exportImpossible(
          "an .nx file holds a checkpoint of Edifice, and the layout \(layout) is not one of Edifice's"
        )
      }
      (self.form, self.layout) = (.edifice, layout)
    } else {
      let layout = try layout ?? Self.own(own)
      let isFile = !isFolder && output.hasSuffix(".safetensors")
      guard !(isFile && isSharded) else { throw Self.notAFolder(output) }
      let isHuggingFace = try Self.family(layout)?.isHuggingFace ?? false
      let wantsFolder = isFolder || isSharded || isHuggingFace
      (self.form, self.layout) = (wantsFolder && !isFile ? .folder : .file, layout)
    }
  }

  /// The layout that the checkpoint came from. What a manifest names is never the path of a document.
  private static func own(_ name: String) throws -> String {
    let known = try LayoutCatalog.builtIn().map(\.name) + [LayoutReference.verbatim.name]
    guard known.contains(name) else {
      throw ConversionError.exportImpossible(
        "it came from the layout “\(name.printable)”, which is a document of its own; pass that with --layout, or the name of a built-in layout"
      )
    }
    return name
  }

  /// The kind of configuration that belongs to a layout; nil for names that are kept verbatim.
  static func family(_ layout: String) throws -> ConfigurationFamily? {
    guard layout != LayoutReference.verbatim.name else { return nil }
    return try LayoutCatalog.layout(layout).configuration
  }

  private static func isEdificeBuiltIn(_ name: String) -> Bool {
    (try? own(name)).flatMap { try? isEdifice($0) } ?? false
  }

  private static func isEdifice(_ layout: String) throws -> Bool {
    try family(layout) == .edifice
  }

  private static func notAFolder(_ output: String) -> ConversionError {
    .exportImpossible(
      "--shard-size divides a checkpoint into several safetensors files; name a folder with -o instead of “\(FileSystem.name(of: output).printable)”"
    )
  }
}
