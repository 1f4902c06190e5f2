import HymbaFormat

/// The layouts that come with the program, and those of users' files.
public enum LayoutCatalog {
  /// The layouts of all families, in the order in which they are tried.
  public static func builtIn() throws(ConversionError) -> [Layout] { try layouts.get() }

  /// Read once.
  private static let layouts = Result { () throws(ConversionError) in
    try Families.layouts.map { json throws(ConversionError) in try Layout(json: json) }
  }

  /// The name of the layout that `nameOrPath` stands for, as a container remembers it.
  public static func name(_ nameOrPath: String) throws -> String {
    nameOrPath == LayoutReference.verbatim.name ? nameOrPath : try layout(nameOrPath).name
  }

  /// A built-in layout by its name, or the document at a path.
  /// - Throws: ``ConversionError/layoutUnknown(_:available:)``, ``ConversionError/layoutInvalid(_:)``.
  public static func layout(_ nameOrPath: String) throws -> Layout {
    let layouts = try builtIn()
    if let layout = layouts.first(where: { $0.name == nameOrPath }) { return layout }
    guard nameOrPath != LayoutReference.verbatim.name else {
      throw ConversionError.layoutUnknown(nameOrPath, available: layouts.map(\.name))
    }
    let isPath = nameOrPath.hasSuffix(".json") || nameOrPath.contains("/")
    guard isPath || FileSystem.hasEntry(nameOrPath) else {
      throw ConversionError.layoutUnknown(nameOrPath, available: layouts.map(\.name))
    }
    return try naming(nameOrPath) {
      let layout = try Layout(
        json: InputFile.contents(of: nameOrPath, limit: Limits.layoutBytes))
      // A container remembers the name alone, and an export would take the other layout of that name.
      let taken = layouts.filter { $0 != layout }.map(\.name) + [LayoutReference.verbatim.name]
      guard !taken.contains(layout.name) else {
        throw ConversionError.layoutInvalid(
          "its name, “\(layout.name.printable)”, is that of a built-in layout; give it another")
      }
      return layout
    }
  }
}
