import HymbaFormat

/// The layouts that come with the program, and the layouts in files of users.
public enum LayoutCatalog {
  /// The layouts of all families, in the order in which they are tried. They are read once.
  /// - Throws: ``ConversionError/layoutInvalid(_:)`` where a layout of the program itself is invalid.
  public static func builtIn() throws(ConversionError) -> [Layout] { try layouts.get() }

  /// The layouts of all families, with those of one family first. The names of a checkpoint may fit layouts of
  /// several families, of which its configuration says the right one.
  static func builtIn(first family: (any Family)?) throws(ConversionError) -> [Layout] {
    func isFirst(_ layout: Layout) -> Bool { layout.configuration.name == family?.name }
    let layouts = try builtIn()
    return layouts.filter(isFirst) + layouts.filter { !isFirst($0) }
  }

  private static let layouts = Result { () throws(ConversionError) in
    try Families.layouts.map { json throws(ConversionError) in try Layout(json: json) }
  }

  /// The name of the layout that `nameOrPath` stands for. It is the name that a container remembers.
  /// - Throws: The errors of ``layout(_:)``.
  public static func name(_ nameOrPath: String) throws -> String {
    nameOrPath == LayoutReference.verbatim.name ? nameOrPath : try layout(nameOrPath).name
  }

  /// The built-in layout with a name, or the layout document at a path.
  /// - Throws: ``ConversionError/layoutUnknown(_:available:)`` for a name that is not known, and for
  ///   `verbatim`, which has no rules; `FileDiagnosis` with the path for a document that cannot be read or is
  ///   invalid.
  public static func layout(_ nameOrPath: String) throws -> Layout {
    let layouts = try builtIn()
    if let layout = layouts.first(where: { $0.name == nameOrPath }) { return layout }
    guard nameOrPath != LayoutReference.verbatim.name else {
      throw ConversionError.layoutUnknown(nameOrPath, available: layouts.map(\.name))
    }
    let isPath = nameOrPath == StandardInput.path || nameOrPath.hasSuffix(".json") || nameOrPath.contains("/")
    guard isPath || FileSystem.hasEntry(nameOrPath) else {
      throw ConversionError.layoutUnknown(nameOrPath, available: layouts.map(\.name))
    }
    return try naming(nameOrPath) {
      let layout = try Layout(
        json: InputFile.document(nameOrPath, limit: Limits.layoutBytes))
      // A container remembers only the name. With the name of a built-in layout, an export would take that
      // layout instead.
      let taken = layouts.filter { $0 != layout }.map(\.name) + [LayoutReference.verbatim.name]
      guard !taken.contains(layout.name) else {
        throw ConversionError.layoutInvalid(
          "its name, “\(layout.name.printable)”, is that of a built-in layout; give it another")
      }
      return layout
    }
  }
}
