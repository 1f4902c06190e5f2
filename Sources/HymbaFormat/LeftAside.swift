/// Something in a checkpoint's files that is not among its tensors: the state of training, or texts, for
/// example.
///
/// Every format reports what it leaves aside and how many bytes of the file that is. So nothing is dropped
/// silently, and the missing bytes are not counted as compression.
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
  /// The names in the file.
  public let names: [String]
  /// The bytes that it takes in the file, as far as they are known.
  public let bytes: Int

  public init(_ kind: Kind, names: [String], bytes: Int) {
    self.kind = kind
    self.names = names
    self.bytes = bytes
  }

  /// The most names that one sentence shows.
  private static let shownNames = 6

  /// The first of `names`, for a sentence, and the number of the others.
  package static func shown(_ names: [String]) -> String {
    let shown = names.prefix(shownNames).map { "“\($0.printable)”" }.joined(separator: ", ")
    return shown + (names.count > shownNames ? " and \(names.count - shownNames) more" : "")
  }

  /// The words with which every ``note`` begins.
  static let noteBeginning = "left aside "

  /// Whether a sentence that is kept with a checkpoint is a ``note``. The user saw it when the checkpoint was
  /// made, and it does not concern what is computed from the tensors.
  package static func isNote(_ sentence: String) -> Bool { sentence.hasPrefix(noteBeginning) }

  /// A sentence that says what was left aside. It is kept with the checkpoint.
  public var note: String {
    let size = bytes > 0 ? " (\(bytes) bytes)" : ""
    return "\(Self.noteBeginning)as \(kind.rawValue): \(Self.shown(names))\(size)"
  }
}

extension CheckpointSource {
  /// All sentences that are kept with the checkpoint.
  package var remarks: [String] { notes + leftAside.map(\.note) + metadataRemarks }

  /// The bytes of the files without what was left aside. The size of a conversion is compared with this.
  package var keptBytes: Int {
    max(0, files.reduce(0) { $0 + $1.bytes } - leftAside.reduce(0) { $0 + $1.bytes })
  }
}
