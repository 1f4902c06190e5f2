import HymbaConversion
import HymbaFormat

/// The paths that a user named as a source. A pattern that the shell left as it is, as within quotes, stands
/// for the paths that fit it.
enum SourcePaths {
  /// - Returns: The source itself where it is no pattern, or where a file has that name.
  /// - Throws: `FileDiagnosis` with ``ConversionError/noInput(_:)`` for a pattern with `*` that nothing fits.
  static func of(_ source: String) throws(FileDiagnosis) -> [String] {
    guard source.contains(where: { "*?[".contains($0) }), !FileSystem.exists(source) else {
      return [source]
    }
    let paths = FileSystem.paths(fitting: source)
    guard paths.isEmpty else { return paths }
    // Whoever opens the path says best what an address or another name was meant to be.
    guard source.contains("*"), !source.contains("://") else { return [source] }
    throw FileDiagnosis(source, ConversionError.noInput("no file or folder fits this pattern"))
  }
}
