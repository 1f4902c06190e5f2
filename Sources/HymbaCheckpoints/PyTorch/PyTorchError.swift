public import HymbaFormat

/// Everything that can be wrong with a PyTorch checkpoint. Errors of the zip archive are in ``ZipError``.
public enum PyTorchError: Diagnosis, Equatable {
  case pickle(PickleProblem, at: Int)

  // Errors of what the pickle holds.
  case severalPickles(Int)
  case notAStateDict(String, wayOut: String)
  case noTensors(unrun: [String])
  /// The tensors lie in an object that is not made.
  case tensorsInObject(at: [String], global: String)
  case optimizerState
  /// There are no weights, only the state of training under these names. `empty` names a part for weights that
  /// is empty.
  case trainingAlone([String], empty: String?)
  case foreignKey(in: String, key: String)
  /// Two tensors would get one name: from the keys 1 and '1', or from a.b and from b within a.
  case sameName(String)
  case tooDeep(limit: Int)
  case tooManyValues(limit: Int)
  case namesTooLong(limit: Int)

  // Errors of tensors and their storages.
  case needsGlobal(tensor: String, global: String)
  case lazyView(tensor: String)
  case missingStorage(tensor: String, StorageName)
  case storageSize(tensor: String, StorageName, found: Int, declared: Int, type: String)
  case outsideStorage(
    tensor: String, shape: String, strides: [Int], offset: Int, storage: StorageName)
  case byteOrder(String)

  // Errors of the format before version 1.6.
  case version
  case storageKeys(found: String)
  case unknownStorage(String)
  case storageTwice(String)
  case storageTypes(String)
  case storageData(String, found: Int, declared: Int)
  case storageBeyondFile(String, count: Int, left: Int)
  case trailingBytes(Int)

  // Errors of files of other kinds.
  case plainPickle(unrun: [String])
  case unpackedArchive
  case torchScript
  case exportedProgram

  public var kind: FailureKind {
    switch self {
    case .optimizerState, .trainingAlone: .wrong
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
    case .notAStateDict(let kind, let wayOut):
      "the pickle holds \(kind) and not a state dict; \(wayOut)"
    case .noTensors(let unrun): "the pickle holds no tensors" + Self.would(unrun)
    case .tensorsInObject(let path, let global):
      "the tensors lie in “\(path.joined(separator: ".").printable)”, an object of “\(global.printable)”, which is not run here; \(PyTorchAdvice.ofModel(path.map { "['\($0.printable)']" }.joined()))"
    case .optimizerState:
      "this is an optimizer state, not a model: convert the weights that were saved beside it"
    case .trainingAlone(let names, let empty):
      "there are no weights\(empty.map { " (“\($0.printable)” holds no tensors)" } ?? ""), only the state of training in \(LeftAside.shown(names)); name a checkpoint that holds the model's weights"
    case .foreignKey(let path, let key):
      "the dictionary \(path.isEmpty ? "at the root" : "“\(path.printable)”") has a key that is \(key), which cannot be a part of a tensor's name; give it a text as key in Python, and save it again"
    case .sameName(let name):
      "two tensors would be named “\(name.printable)”, as where the keys 1 and '1' lie in one dictionary, or a.b beside a dictionary a with b; rename one in Python, and save it again"
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
      "this file of PyTorch's form before version 1.6 has another version than 1001; \(PyTorchAdvice.again)"
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
      "this is a pickle that torch.save did not write\(Self.would(unrun)); \(PyTorchAdvice.ofPickle(unrun))"
    case .unpackedArchive:
      "this is the pickle of an unpacked PyTorch archive: name the .pt that it came from, or pack its folder again with zip -0 -r NEW.pt FOLDER"
    case .torchScript:
      "this is a TorchScript program, not a checkpoint; \(PyTorchAdvice.ofScript)"
    case .exportedProgram:
      "this is a program of torch.export, not a checkpoint; \(PyTorchAdvice.ofProgram)"
    }
  }

  private static func would(_ unrun: [String]) -> String {
    unrun.isEmpty ? "" : "; it would run \(LeftAside.shown(unrun)), which is not done here"
  }
}
