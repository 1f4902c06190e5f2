public import HymbaFormat

/// The reason why a checkpoint cannot be converted. The texts do not depend on the program that shows them.
public enum ConversionError: Diagnosis, Equatable {
  // Layouts.
  case layoutInvalid(String)
  case layoutUnknown(String, available: [String])
  case unrecognised(tensorCount: Int, nearest: String?)
  case layoutUnfit(String, absent: [String])
  case otherKind(String)
  /// A network that resembles a known one and is another, described in words.
  case otherNetwork(String)
  /// Another network of Edifice, by the name of its architecture.
  case otherArchitecture(String)
  /// A wrapper around parts of the model: without this part, the names are those of a known layout.
  case wrapped(part: String)
  case oneShard(Int, of: Int, folder: String)
  case onePart(Int, of: Int, folder: String)
  /// A folder with so many of the parts of a model and without their index.
  case unfinishedParts(Int, of: Int)
  case containerHasLayout(String, asked: String)
  case ledger(LedgerProblems)
  case stepMismatch(tensor: String, step: String, found: String, expected: String)
  case copiesDiffer(String, String)
  case typesDiffer(String, String)
  case cannotRearrange(String, ElementType)
  case architectureNeeded(String)

  // Configurations.
  case configurationUnknown(String)
  case option(String, found: String, expected: String)
  case disagreement(String, String, details: [String])
  case configurationNeeded(layout: String)

  // Casts.
  case keepsNothing(String)
  case cannotCast(String, ElementType)
  case noParameter(String, value: Float, at: Int)
  case doesNotComeBack(String, value: Float, at: Int, what: String, result: Float)
  case castOverflows(Int, inTensor: String, type: CastLoss.Target)
  case castFlushes(Int, of: Int, inTensor: String, type: CastLoss.Target)

  // Exports.
  case exportImpossible(String)
  /// Metadata that cannot be added.
  case metadata(String)
  /// A container was to be written under another layout than that of its own names, which is given.
  case containerKeepsLayout(String)
  /// The checkpoint came from a user's layout document, and only the layout's name is known.
  case layoutDocumentNeeded(String)
  /// The output is the name of one file, and several shards are to be written.
  case shardsInOneFile(String)
  /// An index beside the output file names other files, which would be loaded in its place.
  case hiddenByIndex(String)
  case standardOutput
  case emptyOutputName
  /// The output of a container has the ending of another form: its name, that ending, and the names that a
  /// container and an export could have instead.
  case endingOfExport(name: String, ending: String, container: String, export: String)
  case unwrittenEnding(String)

  // Files.
  /// A checkpoint was named where a container is expected.
  case notAContainer
  case layoutDocument
  case configurationDocument
  /// A folder was named where a container is expected. The names are those of the containers in it.
  case folderOfContainers([String])
  /// Something was named as a base that cannot be one.
  case notABase(String)
  case notACheckpoint(String)
  case emptyFolder(String)
  case noInput(String)
  case unsupported(String)

  public var kind: FailureKind {
    switch self {
    case .unrecognised, .layoutUnfit, .otherKind, .otherNetwork, .ledger, .stepMismatch, .copiesDiffer,
      .typesDiffer, .cannotRearrange, .architectureNeeded, .disagreement, .cannotCast, .noParameter, .doesNotComeBack,
      .castOverflows, .castFlushes, .wrapped, .oneShard, .onePart:
      .wrong
    case .layoutUnknown, .keepsNothing, .exportImpossible, .metadata, .containerKeepsLayout,
      .layoutDocumentNeeded, .shardsInOneFile, .hiddenByIndex, .standardOutput, .emptyOutputName,
      .endingOfExport, .unwrittenEnding, .notABase:
      .usage
    case .layoutInvalid, .configurationUnknown, .option, .configurationNeeded, .notACheckpoint,
      .emptyFolder, .unfinishedParts, .unsupported, .otherArchitecture, .containerHasLayout, .notAContainer,
      .layoutDocument, .configurationDocument, .folderOfContainers:
      .unreadable
    case .noInput: .noInput
    }
  }

  public var description: String {
    switch self {
    case .layoutInvalid(let why): "not a valid layout: \(why)"
    case .layoutUnknown(LayoutReference.verbatim.name, _):
      "verbatim is no layout with rules, which are needed here"
    case .layoutUnknown(let name, let available):
      "there is no layout “\(name.printable)”"
        + (name.nearest(among: available + [LayoutReference.verbatim.name])
          .map { " (did you mean \($0)?)" } ?? "")
        + "; known are \(available.joined(separator: ", ")) and verbatim, or pass a file"
    case .unrecognised(let count, let nearest):
      (count == 1
        ? "its only tensor does not belong to a known layout"
        : "none of its \(count) tensors belongs to a known layout")
        + (nearest.map { " (nearest: \($0))" } ?? "")
    case .layoutUnfit(let name, let absent):
      "it has no “\(absent.first?.printable ?? "")”, which is in the signature of the layout \(name.printable)\(absent.count > 1 ? " with \(absent.count - 1) more that it does not have" : ""); pass the layout that the checkpoint has, or correct the signature"
    case .otherKind(let kind): "this is \(kind)"
    case .otherNetwork(let kind): "this is \(kind)"
    case .otherArchitecture(let name):
      "this is Edifice's \(name), which is another network than Hymba; only Edifice's Hymba can be converted"
    case .wrapped(let part):
      "this is a checkpoint of a model of which parts were wrapped (“\(part).” within its names), and without those it has no known layout: save the state_dict() of the model without wrappers"
    case .oneShard(let number, let count, let folder):
      "this is shard \(number) of \(count) of a model: name the folder that holds them, \(folder), or all shards"
    case .onePart(let number, let count, let folder):
      "this is part \(number) of \(count) of a model: name the folder that holds them, \(folder)"
    case .unfinishedParts(let present, let count):
      "the folder holds \(present) of \(count) parts of a model and no \(PartName.index), so the model is not finished"
    case .containerHasLayout(let own, let asked):
      "this container was made with the layout \(own.printable), which the layout \(asked.printable) cannot change"
    case .ledger(let problems): problems.description
    case .stepMismatch(let tensor, let step, let found, let expected):
      "the tensor “\(tensor.printable)” has the shape \(found), but the layout's step \(step) needs \(expected)"
    case .copiesDiffer(let a, let b):
      "“\(a.printable)” and “\(b.printable)” should be the same tensor, but their bytes differ"
    case .typesDiffer(let a, let b):
      "“\(a.printable)” and “\(b.printable)” belong to one parameter, but their element types differ"
    case .cannotRearrange(let tensor, let type):
      "the elements of “\(tensor.printable)” cannot be rearranged: as \(type.rawValue) they share bytes"
    case .architectureNeeded(let what): what
    case .configurationUnknown(let why): "not a configuration that is known here: \(why)"
    case .option(let name, let found, let expected):
      "\(name.printable) is \(found); expected \(expected)"
    case .disagreement(let a, let b, let details):
      "\(a) and \(b) disagree: \(details.prefix(3).joined(separator: "; "))"
        + (details.count > 3 ? " and \(details.count - 3) more" : "")
    case .configurationNeeded(let layout):
      "the layout \(layout) needs a configuration"
    case .keepsNothing(let pattern):
      "no floating-point tensor has a name like “\(pattern.printable)”"
    case .cannotCast(let tensor, let type):
      "“\(tensor.printable)” cannot be cast: \(type.rawValue) is kept as it is, and its values are not read"
    case .noParameter(let tensor, let value, let index):
      "no “\(tensor.printable)” gives element \(index) of what the checkpoint holds in its place, \(value): it is -exp of a number, and so finite and below 0"
    case .doesNotComeBack(let tensor, let value, let index, let what, let result):
      "element \(index) of “\(tensor.printable)” is \(value), and what the layout holds in its place, \(what), is \(result) in F32, from which it does not come back"
    case .castOverflows(let count, let tensor, let type):
      "\(count == 1 ? "1 finite value becomes" : "\(count) finite values become") infinite in \(type.name), \(count == 1 ? "" : "most of them ")in “\(tensor.printable)”, and none may"
    case .castFlushes(let count, let nonzero, let tensor, let type):
      "\(count) of the \(nonzero) nonzero values of “\(tensor.printable)” \(count == 1 ? "becomes" : "become") zero in \(type.name), and at most 1 % of a tensor's may"
    case .exportImpossible(let why), .metadata(let why): why
    case .containerKeepsLayout(let layout):
      "a container holds the names of the layout \(layout) and gives the others back at the next export"
    case .layoutDocumentNeeded(let name):
      "it came from the layout “\(name.printable)”, which is a document of its own"
    case .shardsInOneFile(let name):
      "“\(name.printable)” is the name of one file, and the checkpoint is to be divided into several; name a folder instead"
    case .hiddenByIndex(let index):
      "the \(index) beside it names other files, which would be loaded in its place"
    case .standardOutput: "nothing is written to standard output; name a file"
    case .emptyOutputName: "the name of the output is empty; name what to write"
    case .endingOfExport(let name, let ending, let container, _):
      "“\(name)” is the name of a \(ending) file, and this writes a container; name it “\(container)”"
    case .unwrittenEnding(let ending): "\(ending) files are not written; name a .hymba file"
    case .notAContainer: "this is a checkpoint and no container"
    case .layoutDocument: "this is a layout and not a checkpoint; name a checkpoint"
    case .configurationDocument:
      "this is a configuration and not a checkpoint; name the weights, or the folder that holds both"
    case .folderOfContainers(let names):
      "this is a folder, and a container is one file"
        + (names.first.map { "; name “\($0.printable)” in it" } ?? "")
        + (names.count > 1 ? ", or one of \(names.count - 1) more" : "")
    case .notABase(let why): why
    case .notACheckpoint(let why): "not a checkpoint: \(why)"
    case .emptyFolder(let contents): contents
    case .noInput(let why): why
    case .unsupported(let what): "\(what)"
    }
  }
}

/// The problems that keep a ledger from balancing. It balances when every source tensor is used once or
/// carried, every parameter is filled once, and the shapes agree.
public struct LedgerProblems: Hashable, Sendable, CustomStringConvertible {
  /// Parameters that no rule fills, and source tensors that rules need and the source does not have.
  public var missing: [String] = []
  /// Source tensors that no rule uses.
  public var unexpected: [String] = []
  /// Tensors whose shape or type does not fit the architecture, each as a sentence.
  public var mismatched: [String] = []
  /// Names that are read or filled twice, with the rules.
  public var repeated: [String] = []

  public var isEmpty: Bool {
    missing.isEmpty && unexpected.isEmpty && mismatched.isEmpty && repeated.isEmpty
  }

  public var description: String {
    let parts = [
      Self.list("missing", missing), Self.list("not part of the model", unexpected),
      Self.list("of another shape", mismatched), Self.list("used twice", repeated),
    ]
    return "the tensors do not fit the model: " + parts.compactMap { $0 }.joined(separator: "; ")
  }

  private static func list(_ title: String, _ names: [String]) -> String? {
    guard !names.isEmpty else { return nil }
    let shown = names.prefix(4).map(\.printable).joined(separator: ", ")
    let rest = names.count > 4 ? " and \(names.count - 4) more" : ""
    return "\(names.count) \(title): \(shown)\(rest)"
  }
}
