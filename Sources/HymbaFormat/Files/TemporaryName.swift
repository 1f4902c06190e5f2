#if canImport(Glibc)
  import Glibc
#endif

/// The name of a file until it is finished: `.NAME.PROCESS.RANDOM.part`, in the folder of the finished file.
struct TemporaryName: Hashable {
  /// The finished file's name. A long one is shortened, because a file system has names of at most 255 bytes.
  let stem: String
  let text: String

  private static let ending = "part"
  private static let stemBytes = 200

  /// Makes a new name with a random part, for a file that will be called `name`.
  init(for name: String) {
    self.stem = Self.shortened(name)
    let random = String(UInt32.random(in: .min ... .max), radix: 36)
    self.text = ".\(stem).\(getpid()).\(random).\(Self.ending)"
  }

  /// Parses a temporary name; nil for a name of another form.
  init?(_ text: String) {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count >= 5, parts[0].isEmpty, parts[parts.count - 1] == Self.ending,
      Int32(parts[parts.count - 3]) != nil, UInt32(parts[parts.count - 2], radix: 36) != nil
    else { return nil }
    self.stem = parts[1..<parts.count - 3].joined(separator: ".")
    self.text = text
  }

  /// The longest beginning of a name that fits, in whole characters.
  static func shortened(_ name: String) -> String {
    guard name.utf8.count > stemBytes else { return name }
    var text = ""
    for character in name {
      guard text.utf8.count + character.utf8.count <= stemBytes else { break }
      text.append(character)
    }
    return text
  }
}
