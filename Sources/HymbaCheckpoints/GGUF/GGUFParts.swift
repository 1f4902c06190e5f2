import HymbaFormat

/// The files of a split set: `STEM-00001-of-00003.gguf` and so on. Each is a whole GGUF file, and the first has
/// all keys of the model.
enum GGUFParts {
  /// Opens the other parts of the set that `first` begins.
  /// - Parameter needsData: Whether a part that is shorter or longer than its header says is refused.
  /// - Returns: All parts in order; `first` alone where it is no part of a set.
  /// - Throws: ``GGUFError``, and `FileDiagnosis` with the path of another part.
  static func all(from first: GGUFFile, needsData: Bool = true) throws -> [GGUFFile] {
    let path = first.file.path
    guard let place = try Place(of: first), place.count > 1 else { return [first] }
    let suffix = Self.suffix(place.number, of: place.count)
    guard let stem = path.utf8Rest(before: suffix) else {
      throw GGUFError.partName(place.number, of: place.count, suffix: suffix)
    }
    guard place.number == 1 else {
      throw GGUFError.laterPart(
        place.number, of: place.count,
        first: FileSystem.name(of: stem + Self.suffix(1, of: place.count)))
    }
    var parts = [first]
    let paths = (2...place.count).map { stem + Self.suffix($0, of: place.count) }
    let missing = paths.filter { !FileSystem.hasEntry($0) }
    guard missing.isEmpty else { throw GGUFError.partsMissing(missing.map(FileSystem.name), of: place.count) }
    for (path, number) in zip(paths, 2...) {
      parts.append(
        try naming(path) {
          let part = try GGUFFile(path, needsData: needsData)
          let other = try Place(of: part)
          guard other == Place(number: number, count: place.count, tensors: place.tensors) else {
            throw GGUFError.partsDisagree(
              "this file says that it is \(other?.words ?? "no part of a set"), and by the first file and its name it is part \(number) of \(place.count) with \(place.tensors) tensors together"
            )
          }
          return part
        })
    }
    let found = parts.reduce(0) { $0 + $1.tensors.count }
    guard found == place.tensors else {
      throw GGUFError.partsDisagree("they hold \(found) tensors, and say that there are \(place.tensors)")
    }
    return parts
  }

  /// The paths without those of later parts of a set whose first part is among them, too.
  static func withoutLater(_ paths: [String]) -> [String] {
    let given = Set(paths.map(NameKey.init))
    return paths.filter { path in
      guard let number = number(in: path), number.part > 1 else { return true }
      let stem = String(path.dropLast(suffix(1, of: number.count).count))
      return !given.contains(NameKey(stem + suffix(1, of: number.count)))
    }
  }

  /// The path of the first part of the set of a later part; nil for another file, and where it is not there.
  static func first(ofLater path: String) -> String? {
    guard let number = number(in: path), number.part > 1,
      let stem = path.utf8Rest(before: suffix(number.part, of: number.count))
    else { return nil }
    let first = stem + suffix(1, of: number.count)
    return FileSystem.hasEntry(first) ? first : nil
  }

  /// The numbers in the name of a part; nil for another name.
  private static func number(in path: String) -> (part: Int, count: Int)? {
    let numbers = path.utf8Rest(before: ".gguf")?.split(separator: "-").suffix(3) ?? []
    guard numbers.count == 3, let part = numbers.first.flatMap({ Int($0) }),
      let count = numbers.last.flatMap({ Int($0) }), path.utf8HasSuffix(suffix(part, of: count))
    else { return nil }
    return (part, count)
  }

  private static func suffix(_ number: Int, of count: Int) -> String {
    func padded(_ value: Int) -> String {
      let text = String(value)
      return String(repeating: "0", count: max(0, 5 - text.count)) + text
    }
    return "-\(padded(number))-of-\(padded(count)).gguf"
  }

  /// What a file says of its place in a set.
  private struct Place: Equatable {
    /// From 1; the file counts from 0.
    let number: Int
    let count: Int
    /// The tensors of all parts.
    let tensors: Int

    var words: String { "part \(number) of \(count) with \(tensors) tensors together" }

    init(number: Int, count: Int, tensors: Int) {
      self.number = number
      self.count = count
      self.tensors = tensors
    }

    /// Nil where the file says nothing of a set.
    init?(of file: GGUFFile) throws(GGUFError) {
      let keys = file.keys
      guard let count = try keys.unsigned("split.count", in: 0...Limits.ggufParts), count > 0 else { return nil }
      self.init(
        number: try (keys.unsigned("split.no", in: 0...count - 1) ?? 0) + 1, count: count,
        tensors: try keys.unsigned("split.tensors.count") ?? file.tensors.count)
    }
  }
}
