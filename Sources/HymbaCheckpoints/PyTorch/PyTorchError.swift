public import HymbaFormat

/// Everything that can be wrong with a PyTorch checkpoint, beside its zip archive.
public enum PyTorchError: Diagnosis, Equatable {
  case pickle(PickleProblem, at: Int)

  // What the pickle holds.
  case severalPickles(Int)
  case notAStateDict(String)
  case noTensors
  case optimizerState
  case tooDeep(limit: Int)
  case tooManyValues(limit: Int)
  case namesTooLong(limit: Int)

  // Tensors and their storages.
  case lazyView(tensor: String)
  case missingStorage(tensor: String, entry: String)
  case storageSize(tensor: String, entry: String, found: Int, declared: Int, type: String)
  case outsideStorage(tensor: String, shape: String, strides: [Int], offset: Int, entry: String)
  case byteOrder(String)

  // Files of other kinds.
  case legacy
  case plainPickle
  case torchScript
  case exportedProgram

  public var kind: FailureKind {
    switch self {
    case .optimizerState: .wrong
    default: .unreadable
    }
  }
}

extension PyTorchError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .pickle(let problem, let at): "at byte \(at) the pickle \(problem)"
    case .severalPickles(let count):
      "the archive has \(count) entries data.pkl, and one checkpoint has one; unpack it and name one checkpoint"
    case .notAStateDict(let kind):
      "the pickle holds \(kind) and not a state dict; save it with torch.save(model.state_dict(), …)"
    case .noTensors: "the pickle holds no tensors"
    case .optimizerState:
      "this is an optimizer state, not a model: convert the weights that were saved beside it"
    case .tooDeep(let limit):
      "the pickle's dictionaries nest deeper than \(limit) levels, or hold themselves"
    case .tooManyValues(let limit): "the pickle holds more than \(limit) values"
    case .namesTooLong(let limit):
      "the names in the pickle take more than \(limit) bytes together"
    case .lazyView(let tensor):
      "the tensor “\(tensor.printable)” is a negative or conjugate view; call resolve_neg() and resolve_conj() before saving"
    case .missingStorage(let tensor, let entry):
      "the archive has no entry “\(entry.printable)”, which holds the tensor “\(tensor.printable)”"
    case .storageSize(let tensor, let entry, let found, let declared, let type):
      "the entry “\(entry.printable)” has \(found) bytes, but the tensor “\(tensor.printable)” needs \(declared) elements of \(type) there"
    case .outsideStorage(let tensor, let shape, let strides, let offset, let entry):
      "the tensor “\(tensor.printable)” of shape \(shape) with strides \(strides) from element \(offset) on reaches beyond its storage “\(entry.printable)”"
    case .byteOrder(let found):
      "the byte order is “\(found.printable)”, and must be little or big"
    case .legacy:
      "this is a PyTorch file of the form before version 1.6, which is not supported; convert it with \(Self.resaving)"
    case .plainPickle:
      "this is a pickle that torch.save did not write; where you trust it, load it in Python and save its tensors with safetensors.torch.save_file"
    case .torchScript:
      "this is a TorchScript program, not a checkpoint; save its weights with torch.save(torch.jit.load(FILE).state_dict(), NEW)"
    case .exportedProgram:
      "this is a program of torch.export, not a checkpoint; save its weights with torch.save(torch.export.load(FILE).state_dict, NEW)"
    }
  }

  /// Reads the old form and writes the new one, running nothing that the file names.
  private static let resaving =
    "python -c \"import torch; torch.save(torch.load('FILE', weights_only=True), 'NEW')\""
}
