public import HymbaFormat
public import HymbaModel

/// Why a verification cannot start with the given files or arguments.
public enum VerificationError: Diagnosis, Equatable {
  /// A folder without the expected file. The candidate is a file in it that may have been meant.
  case folder(Reference.Role, candidate: String?)
  /// A JSON text in place of a file with tensors.
  case json(Reference.Role)
  /// A file without captures, with some of the names that it has.
  case noCaptures(names: [String], count: Int, hasInput: Bool, meant: String?)
  /// A checkpoint whose container is to be checked and that is none.
  case notAContainer
  /// A map of names that cannot be used, with the reason.
  case nameMap(String)
  /// A document that is no card of a verification, with the reason.
  case card(String)
  /// A reference of which no capture fits the model, with what is wrong with one; whether the input is the probe, as
  /// nobody gave another one.
  case otherModel(String, isProbe: Bool)
  /// A head of an attention that cannot be reported, with the reason.
  case attention(String)
  /// A reference that a container keeps and that cannot be used, with the reason.
  case keptReference(String)
  /// A file without the input of this name, which a kept reference needs.
  case noInput(String)
  /// A capture of a layer that the model does not have.
  case noSuchLayer(String, layers: Int)
  /// A capture of another shape than the model computes.
  case otherShape(String, found: [Int], expected: [Int])
  /// A capture that holds no floating-point numbers.
  case captureType(String)
  /// A capture or an input with NaN or infinite values, which no verification can agree with.
  case notFinite(String)
  /// A file whose captures all belong to another kind of model, with the name of one.
  case otherCaptures(String)
  /// An option that needs a reference, where there is none.
  case noReference(String)
  /// An argument of the command that does not fit the model.
  case argument(ModelError)

  public var kind: FailureKind {
    switch self {
    case .folder, .json, .nameMap, .card: .unreadable
    case .noCaptures, .noInput, .noSuchLayer, .otherShape, .captureType, .notFinite, .otherCaptures,
      .otherModel, .keptReference:
      .wrong
    case .argument, .attention, .notAContainer, .noReference: .usage
    }
  }

  public var description: String {
    switch self {
    case .folder(let role, let candidate):
      "this is a folder without “\(Reference.fileName)”; name the file with the \(role.rawValue)"
        + (candidate.map { ", such as “\($0.printable)” in it" } ?? "")
    case .json(let role):
      "this is a text in JSON; name the file with the \(role.rawValue), in safetensors"
    case .noCaptures(let names, let count, let hasInput, let meant):
      Self.found(names, count, hasInput: hasInput)
        + (meant.map { " (did you mean \($0)?)" } ?? "")
        + "; what the model should compute goes by names like “hidden_states.1” and “logits”"
    case .notAContainer: "this is no .hymba container, so that there is no container to check"
    case .nameMap(let why), .card(let why), .attention(let why), .keptReference(let why): why
    case .noInput(let name):
      "it holds no “\(name)”, without which nobody can compute its captures again"
    case .noSuchLayer(let name, let layers):
      "“\(name.printable)” is of a layer that this model does not have, as it has \(layers)"
    case .otherShape(let name, let found, let expected):
      "“\(name.printable)” has the shape \(found), and this model computes \(expected) for this input"
    case .captureType(let name): "“\(name.printable)” holds no floating-point numbers"
    case .notFinite(let name):
      "“\(name.printable)” holds NaN or infinite values, with which no verification can agree"
    case .otherCaptures(let name):
      "it holds no capture that this model makes; what it holds, such as “\(name.printable)”, is of another model"
    case .otherModel(let why, let isProbe):
      "no capture in it can be one of this model: \(why)"
        + (isProbe ? "; it holds no input, so the model would run on the probe" : "")
    case .noReference(let option):
      "\(option) needs a reference, and neither --expect nor the checkpoint gives one"
    case .argument(let error): error.description
    }
  }

  private static func found(_ names: [String], _ count: Int, hasInput: Bool) -> String {
    guard let first = names.first else {
      return hasInput ? "it holds an input and no captures" : "it holds no captures"
    }
    let others = count > 1 ? " and \(count - 1) more" : ""
    let isWeight = names.contains { name in weightNames.contains { name.hasSuffix($0) } }
    return isWeight
      ? "it holds weights, “\(first.printable)”\(others), and no captures"
      : "it holds no captures, but “\(first.printable)”\(others)"
  }

  private static let weightNames = [".weight", ".bias", ".kernel", ".scale", ".A_log"]
}
