import HymbaFormat

/// The name of a shard: `STEM-00001-of-00004.safetensors`, or the same with `.bin`.
package struct ShardName {
  /// The shards of one checkpoint, which have all of their name in common but the number.
  package struct Family: Hashable {
    package let stem: String
    let digits: Int
    package let count: Int
    package let suffix: String

    /// The path of the shard with a number, counted from 1.
    package func path(_ number: Int) -> String {
      func padded(_ value: Int) -> String {
        let text = String(value)
        return String(repeating: "0", count: max(0, digits - text.count)) + text
      }
      return "\(stem)-\(padded(number))-of-\(padded(count))\(suffix)"
    }
  }

  package let family: Family
  package let number: Int
  var stem: String { family.stem }

  package init?(_ path: String) {
    guard let suffix = [".safetensors", ".bin"].first(where: path.hasSuffix) else { return nil }
    let parts = path.dropLast(suffix.count).split(separator: "-", omittingEmptySubsequences: false)
    guard parts.count >= 4, parts[parts.count - 2] == "of",
      let count = Int(parts[parts.count - 1]), let number = Int(parts[parts.count - 3]),
      (1...99_999).contains(count), (1...count).contains(number)
    else { return nil }
    self.number = number
    self.family = Family(
      stem: parts.dropLast(3).joined(separator: "-"), digits: parts[parts.count - 1].count,
      count: count, suffix: suffix)
  }

  /// Checks that a file that is opened alone is a whole checkpoint, by its name.
  /// - Throws: ``ConversionError/oneShard(_:of:folder:)`` for one of several shards.
  static func requireWhole(_ path: String) throws(ConversionError) {
    guard let shard = ShardName(path), shard.family.count > 1 else { return }
    throw .oneShard(
      shard.number, of: shard.family.count, folder: FileSystem.folder(of: path).printable)
  }
}
