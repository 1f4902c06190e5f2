/// Something in a checkpoint's files that is not among its tensors: what a training run needs to go on, texts
/// beside arrays.
///
/// Every format says what it leaves aside, and how many bytes of the file that is, so that nothing is dropped
/// without a word and no size calls it compression.
public struct LeftAside: Hashable, Sendable {
  public enum Kind: String, Sendable {
    case trainingState = "the state of training"
    case notTensors = "no tensors"
    case hiddenTensors = "tensors in attributes or objects"
    case linksElsewhere = "links into other files"
    case linksToNothing = "links that lead to nothing"
    case linksBack = "links back to a group around them"
  }

  public let kind: Kind
  /// Names as the file has them.
  public let names: [String]
  /// Bytes that it takes in the file, as far as they are known.
  public let bytes: Int

  public init(_ kind: Kind, names: [String], bytes: Int) {
    self.kind = kind
    self.names = names
    self.bytes = bytes
  }

  /// Names that a sentence shows.
  private static let shownNames = 6

  /// The first of `names` for a sentence, and how many more there are.
  package static func shown(_ names: [String]) -> String {
    let shown = names.prefix(shownNames).map { "“\($0.printable)”" }.joined(separator: ", ")
    return shown + (names.count > shownNames ? " and \(names.count - shownNames) more" : "")
  }

  /// What such sentences begin with.
  static let noteBeginning = "left aside "

  /// Whether a sentence that is kept with a checkpoint says what was left aside when it was made. That was told
  /// then, and concerns nothing that is computed from what was kept.
  package static func isNote(_ sentence: String) -> Bool { sentence.hasPrefix(noteBeginning) }

  /// One sentence, which is kept with the checkpoint.
  public var note: String {
    let size = bytes > 0 ? " (\(bytes) bytes)" : ""
    return "\(Self.noteBeginning)as \(kind.rawValue): \(Self.shown(names))\(size)"
  }
}

extension CheckpointSource {
  /// Every sentence that is kept with the checkpoint.
  package var remarks: [String] { notes + leftAside.map(\.note) + metadataRemarks }

  /// Bytes of the files but for what was left aside: what the size of a conversion is compared with.
  package var keptBytes: Int {
    max(0, files.reduce(0) { $0 + $1.bytes } - leftAside.reduce(0) { $0 + $1.bytes })
  }
}
