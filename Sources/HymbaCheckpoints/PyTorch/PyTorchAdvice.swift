/// Commands to run in Python for files that cannot be read here. They work without a GPU unless the comment
/// says otherwise.
enum PyTorchAdvice {
  private static let load = "torch.load(FILE, map_location='cpu', weights_only=False)"

  /// Advice for a pickle whose root is not a dictionary.
  static func stateDict(insteadOf root: PickleValue) -> String {
    switch root {
    case .tensor: "give it a name: torch.save({'weight': \(load)}, NEW)"
    case .list, .tuple: "number what is in it: torch.save(dict(enumerate(\(load))), NEW)"
    case .object: ofModel("")
    default: "save one with torch.save(model.state_dict(), NEW)"
    }
  }

  /// Advice for a model that was saved as an object.
  /// - Parameter index: Python's subscripts that lead from the root to the model, such as `['model']`.
  static func ofModel(_ index: String) -> String {
    "where you trust it and have its classes, save its weights: torch.save(\(load)\(index).state_dict(), NEW)"
  }

  static let again = "load it in Python and save it again: torch.save(\(load), NEW)"

  /// Advice for a pickle without PyTorch's magic number.
  /// - Parameter unrun: Names of the classes and functions that the pickle would run.
  static func ofPickle(_ unrun: [String]) -> String {
    let load = "pickle.load(open(FILE, 'rb'))"
    let save =
      unrun.contains { $0.hasPrefix("numpy.") }
      ? "numpy.savez(NEW, **\(load))" : "torch.save(\(load), NEW)"
    return "where you trust it, save what is in it again: \(save)"
  }

  static let ofScript =
    "save its weights: torch.save(torch.jit.load(FILE, map_location='cpu').state_dict(), NEW)"

  /// Advice for a program of `torch.export`. PyTorch can load it only where the devices of the export are.
  static let ofProgram =
    "on a machine with the devices that it was exported on, save its weights: torch.save(torch.export.load(FILE).state_dict, NEW)"
}
