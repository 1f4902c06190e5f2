public import HymbaFormat

/// Everything that can be wrong with a PyTorch checkpoint, beside its zip archive.
public enum PyTorchError: Diagnosis, Equatable {
  case pickle(PickleProblem, at: Int)

  // What the pickle holds.
  case severalPickles(Int)
  case notAStateDict(String)
  case noTensors(unrun: [String])
  /// The tensors lie in an object that is not made.
  case tensorsInObject(at: String, global: String)
  case optimizerState
  case tooDeep(limit: Int)
  case tooManyValues(limit: Int)
  case namesTooLong(limit: Int)

  // Tensors and their storages.
  case needsGlobal(tensor: String, global: String)
  case lazyView(tensor: String)
  case missingStorage(tensor: String, StorageName)
  case storageSize(tensor: String, StorageName, found: Int, declared: Int, type: String)
  case outsideStorage(
    tensor: String, shape: String, strides: [Int], offset: Int, storage: StorageName)
  case byteOrder(String)

  // The form of before version 1.6.
  case version
  case storageKeys(found: String)
  case unknownStorage(String)
  case storageTwice(String)
  case storageTypes(String)
  case storageData(String, found: Int, declared: Int)
  case storageBeyondFile(String, count: Int, left: Int)
  case trailingBytes(Int)

  // Files of other kinds.
  case plainPickle(unrun: [String])
  case unpackedArchive
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
    case .noTensors(let unrun): "the pickle holds no tensors" + Self.would(unrun)
    case .tensorsInObject(let path, let global):
      "the tensors lie in “\(path.printable)”, an object of “\(global.printable)”, which is not run here; load the file where you trust it and save only the tensors, with torch.save(model.state_dict(), …)"
    case .optimizerState:
      "this is an optimizer state, not a model: convert the weights that were saved beside it"
    case .tooDeep(let limit):
      "the pickle's dictionaries nest deeper than \(limit) levels, or hold themselves"
    case .tooManyValues(let limit): "the pickle holds more than \(limit) values"
    case .namesTooLong(let limit):
      "the names in the pickle take more than \(limit) bytes together"
    case .needsGlobal(let tensor, let global):
      "the tensor “\(tensor.printable)” needs “\(global.printable)”, \(KnownGlobal.wayOut(ofTensorFrom: global))"
    case .lazyView(let tensor):
      "the tensor “\(tensor.printable)” is a negative or conjugate view; call resolve_neg() and resolve_conj() before saving"
    case .missingStorage(let tensor, let storage):
      "there is no \(storage), which holds the tensor “\(tensor.printable)”"
    case .storageSize(let tensor, let storage, let found, let declared, let type):
      "the \(storage) has \(found) bytes, but the tensor “\(tensor.printable)” needs \(declared) elements of \(type.printable) there"
    case .outsideStorage(let tensor, let shape, let strides, let offset, let storage):
      "the tensor “\(tensor.printable)” of shape \(shape) with strides \(strides) from element \(offset) on reaches beyond its storage “\(storage.name.printable)”"
    case .byteOrder(let found):
      "the byte order is “\(found.printable)”, and must be little or big"
    case .version:
      "this file of PyTorch's form before version 1.6 has another version than 1001; load it in Python and save it again"
    case .storageKeys(let found):
      "the pickle behind the checkpoint should list the storages, but holds \(found)"
    case .unknownStorage(let key):
      "the file lists the storage “\(key.printable)”, which the checkpoint does not name"
    case .storageTwice(let key): "the file lists the storage “\(key.printable)” twice"
    case .storageTypes(let key):
      "the checkpoint names the storage “\(key.printable)” with two types or sizes"
    case .storageData(let key, let found, let declared):
      "the storage “\(key.printable)” has \(found) elements, but the checkpoint declares \(declared)"
    case .storageBeyondFile(let key, let count, let left):
      "the file ends early: the storage “\(key.printable)” has \(count) elements, and \(left) bytes are left"
    case .trailingBytes(let count):
      "the last storage is followed by \(count) bytes that belong to nothing"
    case .plainPickle(let unrun):
      "this is a pickle that torch.save did not write\(Self.would(unrun)); where you trust it, load it in Python and save its tensors with safetensors.torch.save_file"
    case .unpackedArchive:
      "this is the pickle of an unpacked PyTorch archive: name the .pt that it came from, or pack its folder again with zip -0 -r NEW.pt FOLDER"
    case .torchScript:
      "this is a TorchScript program, not a checkpoint; save its weights with torch.save(torch.jit.load(FILE, map_location='cpu').state_dict(), NEW)"
    case .exportedProgram:
      "this is a program of torch.export, not a checkpoint; save its weights with torch.save(torch.export.load(FILE).state_dict, NEW)"
    }
  }

  private static func would(_ unrun: [String]) -> String {
    unrun.isEmpty ? "" : "; it would run \(LeftAside.shown(unrun)), which is not done here"
  }
}
