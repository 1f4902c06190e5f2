/// The name of one part of a model: `model-00003-of-00012.hymba`.
package struct PartName: Hashable, Sendable, Encodable {
  /// The number of the part, counted from 1.
  package let number: Int
  /// The number of parts of the model.
  package let count: Int

  /// The name of the file beside the parts that lists them.
  package static let index = "model.hymba.index.json"

  private static let ending = ".hymba"
  private static let digits = 5

  package init(number: Int, count: Int) {
    self.number = number
    self.count = count
  }

  /// Parses the name of a file; nil for one that no part has.
  package init?(_ name: String) {
    guard name.hasSuffix(Self.ending) else { return nil }
    let words = name.dropLast(Self.ending.count).split(separator: "-", omittingEmptySubsequences: false)
    guard words.count == 4, let number = Int(words[1]), let count = Int(words[3]),
      (1...Limits.parts).contains(count), (1...count).contains(number)
    else { return nil }
    self.init(number: number, count: count)
    guard text.utf8.elementsEqual(name.utf8) else { return nil }
  }

  package var text: String {
    "model-\(Self.padded(number))-of-\(Self.padded(count))\(Self.ending)"
  }

  private static func padded(_ number: Int) -> String {
    let text = String(number)
    return String(repeating: "0", count: max(0, digits - text.count)) + text
  }

  /// The parts in a folder, by their names, in the order of these.
  /// - Throws: The errors of reading the folder.
  package static func all(in folder: String) throws(FormatError) -> [PartName] {
    try FileSystem.entries(of: folder).compactMap { PartName($0) }
  }
}

extension Limits {
  /// Parts of one model. Each is a file that stays open while the model is, and a process may have 1024 files open.
  package static let parts = 512

  /// Bytes of an index of parts. One part takes about 200 of them.
  static let partIndexBytes = 1 << 20
}
