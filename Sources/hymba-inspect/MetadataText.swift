import HymbaFormat
import HymbaTerminal

/// The metadata of a file as a table. Long values are cut, and what is not seen is spelled out.
enum MetadataText {
  private static let title = "metadata"
  /// The columns of a value where nothing says how many there are.
  private static let columns = 80
  /// The fewest columns that a value is cut to.
  private static let narrowest = 24

  static func lines(_ metadata: [String: String], width: Int?) -> [String] {
    guard !metadata.isEmpty else { return ["metadata: none in the file"] }
    let keys = metadata.keys.sorted { $0.utf8Precedes($1) }
    let longest = ([title] + keys).map(\.printable.count).max() ?? 0
    let room = max(narrowest, (width ?? longest + columns) - longest - 2)
    var table = Table([(title, .left), ("value", .left)])
    for key in keys { table.add([key.printable, cut(metadata[key] ?? "", room)]) }
    return table.lines(width: width)
  }

  /// What stands behind the first values of a list that is not shown as a whole, before their number.
  private static let listEnd = ", …], "

  /// The beginning of a value, with its length, in at most `room` characters. A list is cut between its values.
  private static func cut(_ value: String, _ room: Int) -> String {
    if let list = cutList(value.printable, room) { return list }
    let count = value.unicodeScalars.count
    let start = String(value.unicodeScalars.prefix(room)).printable
    guard count > room || start.count > room else { return start }
    let end = "… (\(count.groupedText) characters)"
    return start.prefix(max(0, room - end.count)) + end
  }

  /// As many of a list's first values as fit, with the number of all; nil for another text, and for a list of which
  /// not even the first value fits.
  private static func cutList(_ value: String, _ room: Int) -> String? {
    guard value.first == "[", value.count > room, let end = value.ranges(of: listEnd).last else { return nil }
    let rest = value[end.lowerBound...]
    let separators = value[..<end.lowerBound].ranges(of: ", ").map(\.lowerBound)
    let fitting = separators.last { value[..<$0].count + rest.count <= room }
    return fitting.map { String(value[..<$0]) + String(rest) }
  }
}
