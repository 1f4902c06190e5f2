import HymbaFormat

/// Files that tests read, found from where the sources are.
public enum Fixture {
  /// The folder of a recorded set, such as `edifice-hymba-tiny`.
  public static func folder(_ name: String) -> String { root + "/Tests/Fixtures/" + name }

  public static func path(_ set: String, _ file: String) -> String { folder(set) + "/" + file }

  /// A file of the trained sample.
  public static func sample(_ file: String) -> String { root + "/samples/gesture-hymba/" + file }

  /// The checkout.
  public static let root: String = {
    let parts = #filePath.split(separator: "/", omittingEmptySubsequences: false)
    return parts.dropLast(3).joined(separator: "/")
  }()
}
