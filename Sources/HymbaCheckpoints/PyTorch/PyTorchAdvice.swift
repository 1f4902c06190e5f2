/// What to run in Python where a file is none that is read here; PyTorch without a GPU can, if not said otherwise.
enum PyTorchAdvice {
  private static let load = "torch.load(FILE, map_location='cpu', weights_only=False)"

  /// For everything but a dictionary at the root of the pickle.
  static func stateDict(insteadOf root: PickleValue) -> String {
    switch root {
    case .tensor: "give it a name: torch.save({'weight': \(load)}, NEW)"
    case .list, .tuple: "number what is in it: torch.save(dict(enumerate(\(load))), NEW)"
    case .object: ofModel("")
    default: "save one with torch.save(model.state_dict(), NEW)"
    }
  }

  /// For a model that was saved as an object.
  /// - Parameter index: What leads to it in Python, `['model']`.
  static func ofModel(_ index: String) -> String {
    "where you trust it and have its classes, save its weights: torch.save(\(load)\(index).state_dict(), NEW)"
  }

  static let again = "load it in Python and save it again: torch.save(\(load), NEW)"

  /// For a pickle without PyTorch's number.
  static func ofPickle(_ unrun: [String]) -> String {
    let load = "pickle.load(open(FILE, 'rb'))"
    let save =
      unrun.contains { $0.hasPrefix("numpy.") }
      ? "numpy.savez(NEW, **\(load))" : "torch.save(\(load), NEW)"
    return "where you trust it, save what is in it again: \(save)"
  }

  static let ofScript =
    "save its weights: torch.save(torch.jit.load(FILE, map_location='cpu').state_dict(), NEW)"

  /// PyTorch offers no way to load these elsewhere.
  static let ofProgram =
    "on a machine with the devices that it was exported on, save its weights: torch.save(torch.export.load(FILE).state_dict, NEW)"
}
