public import HymbaFormat

/// Why a checkpoint cannot be converted.
public enum ConversionError: Diagnosis, Equatable {
  // Layouts.
  case layoutInvalid(String)
  case layoutUnknown(String, available: [String])
  case unrecognised(tensorCount: Int, nearest: String?, layoutOption: String)
  case layoutUnfit(String, absent: [String])
  case otherKind(String)
  /// A network that looks like one that is known here.
  case otherNetwork(String)
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
  case castOverflows(Int, inTensor: String, type: CastType)
  case castFlushes(Int, of: Int, inTensor: String, type: CastType)

  // Exports.
  case exportImpossible(String)

  // Files.
  case notACheckpoint(String)
  case emptyFolder(String)
  case noInput(String)
  case nothingFits(filter: String, example: String, wider: Int)
  case unsupported(String)

  public var kind: FailureKind {
    switch self {
    case .unrecognised, .layoutUnfit, .otherKind, .otherNetwork, .ledger, .stepMismatch, .copiesDiffer,
      .typesDiffer, .cannotRearrange, .architectureNeeded, .disagreement, .nothingFits, .cannotCast,
      .castOverflows, .castFlushes:
      .wrong
    case .layoutUnknown, .keepsNothing, .exportImpossible: .usage
    case .layoutInvalid, .configurationUnknown, .option, .configurationNeeded, .notACheckpoint,
      .emptyFolder, .unsupported:
      .unreadable
    case .noInput: .noInput
    }
  }

  public var description: String {
    switch self {
    case .layoutInvalid(let why): "not a valid layout: \(why)"
    case .layoutUnknown(LayoutReference.verbatim.name, _):
      "verbatim is no layout with rules, which are needed here; pass one that hymba-convert layouts lists, or a file"
    case .layoutUnknown(let name, let available):
      "there is no layout “\(name.printable)”"
        + (name.nearest(among: available + [LayoutReference.verbatim.name])
          .map { " (did you mean \($0)?)" } ?? "")
        + "; known are \(available.joined(separator: ", ")) and verbatim, or pass a file"
    case .unrecognised(let count, let nearest, let option):
      (count == 1
        ? "its only tensor does not belong to a known layout"
        : "none of its \(count) tensors belongs to a known layout")
        + (nearest.map { " (nearest: \($0))" } ?? "")
        + "; pass \(option) verbatim to keep it under its own names, or \(option) with a file of your own"
    case .layoutUnfit(let name, let absent):
      "it has no “\(absent.first?.printable ?? "")”, which is in the signature of the layout \(name.printable)\(absent.count > 1 ? " with \(absent.count - 1) more that it does not have" : ""); pass the layout that the checkpoint has, or correct the signature"
    case .otherKind(let kind): "this is \(kind)"
    case .otherNetwork(let kind): "this is \(kind): only --layout verbatim can keep it"
    case .ledger(let problems): problems.description
    case .stepMismatch(let tensor, let step, let found, let expected):
      "the tensor “\(tensor.printable)” has the shape \(found), but the layout's step \(step) needs \(expected)"
    case .copiesDiffer(let a, let b):
      "“\(a.printable)” and “\(b.printable)” should be the same tensor, but their bytes differ"
    case .typesDiffer(let a, let b):
      "“\(a.printable)” and “\(b.printable)” belong to one parameter, but their element types differ"
    case .cannotRearrange(let tensor, let type):
      "the elements of “\(tensor.printable)” cannot be rearranged: as \(type.rawValue) they share bytes; pass --layout verbatim to keep the checkpoint as it is"
    case .architectureNeeded(let what): what
    case .configurationUnknown(let why): "not a configuration that is known here: \(why)"
    case .option(let name, let found, let expected):
      "\(name.printable) is \(found); expected \(expected)"
    case .disagreement(let a, let b, let details):
      "\(a) and \(b) disagree: \(details.prefix(3).joined(separator: "; "))"
        + (details.count > 3 ? " and \(details.count - 3) more" : "")
    case .configurationNeeded(let layout):
      "the layout \(layout) needs a configuration; pass one with --config"
    case .keepsNothing(let pattern):
      "no floating-point tensor has a name like “\(pattern.printable)”, which --keep-f32 gives"
    case .cannotCast(let tensor, let type):
      "“\(tensor.printable)” cannot be cast: \(type.rawValue) is kept as it is, and its values are not read; convert without --dtype"
    case .castOverflows(let count, let tensor, let type):
      "\(count == 1 ? "1 finite value becomes" : "\(count) finite values become") infinite in \(type.rawValue), \(count == 1 ? "" : "most of them ")in “\(tensor.printable)”, and none may; choose a wider --dtype, keep such tensors with --keep-f32, or pass --allow-loss"
    case .castFlushes(let count, let nonzero, let tensor, let type):
      "\(count) of the \(nonzero) nonzero values of “\(tensor.printable)” \(count == 1 ? "becomes" : "become") zero in \(type.rawValue), and at most 1 % of a tensor's may; choose a wider --dtype, keep such tensors with --keep-f32, or pass --allow-loss"
    case .exportImpossible(let why): why
    case .notACheckpoint(let why): "not a checkpoint: \(why)"
    case .emptyFolder(let contents): contents
    case .noInput(let why): why
    case .nothingFits(let filter, let example, let wider):
      "no tensor's name fits --filter “\(filter.printable)”: it must fit the whole name, as of “\(example.printable)”"
        + (wider > 0 ? "; “*\(filter.printable)*” fits \(wider)" : "")
    case .unsupported(let what): "\(what)"
    }
  }
}

/// What keeps a ledger from balancing: every source tensor must be used once or carried, every parameter
/// filled once, and the shapes must agree.
public struct LedgerProblems: Hashable, Sendable, CustomStringConvertible {
  /// Parameters that nothing fills, with the source tensors that should.
  public var missing: [String] = []
  /// Source tensors that no rule uses.
  public var unexpected: [String] = []
  /// Tensors of another shape than the architecture needs, each a sentence.
  public var mismatched: [String] = []
  /// Names that are used or filled twice.
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
