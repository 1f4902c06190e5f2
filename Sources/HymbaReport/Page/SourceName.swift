import HymbaFormat

/// The names of checkpoints on a page that others read, where the folders of one machine say nothing.
enum SourceName {
  /// The last part of a path.
  static func short(_ path: String) -> String { FileSystem.name(of: path) }

  /// The last parts of two paths, as many as tell them apart.
  static func short(_ a: String, _ b: String) -> (String, String) {
    let (first, second) = (parts(a), parts(b))
    let longest = max(first.count, second.count)
    for count in 1..<max(2, longest) {
      let (x, y) = (first.suffix(count), second.suffix(count))
      if x != y { return (x.joined(separator: "/"), y.joined(separator: "/")) }
    }
    return (a, b)
  }

  private static func parts(_ path: String) -> [Substring] { path.split(separator: "/") }
}
