#if HDF5
import HDF5

/// All datasets of an HDF5 file by what they are: tensors, the state of training, or something else.
struct HDF5Contents {
  /// The tensors, in the order of their headers in the file. A dataset with several paths comes once for each.
  private(set) var tensors: [HDF5Tensor] = []
  private(set) var trainingState: [String] = []
  private(set) var others: [String] = []
  private(set) var leftAside: [LeftAside] = []
  /// Why the first of ``others`` is no tensor.
  private(set) var firstReason: HDF5Problem?
  let training: KerasTrainingState

  /// Looks at each dataset once, however many paths it has.
  /// - Throws: ``FormatError`` for a damaged header, and for a dataset that may hold numbers but cannot be
  ///   read.
  init(
    _ file: borrowing HDF5File, _ tree: HDF5Tree, _ texts: HDF5Texts
  ) throws(FormatError) {
    training = KerasTrainingState(tree.groups)
    // The paths of one dataset follow each other.
    var last: (address: UInt64, content: HDF5Content)?
    var known: Set<UInt64> = []
    var otherBytes = 0
    // Sizes are claims of the file. The sum needs to be right up to the file's own size only.
    func add(_ sum: Int, _ bytes: Int) -> Int {
      min(texts.fileBytes, sum.addingReportingOverflow(min(bytes, texts.fileBytes)).partialValue)
    }
    for (path, address) in tree.datasets where !training.holds(path) {
      if last?.address != address {
        let content = try HDF5Content(file, path, address, texts)
        last = (address, content)
        known.insert(address)
        if case .other(_, let bytes) = content { otherBytes = add(otherBytes, bytes) }
      }
      switch last?.content {
      case .tensor(var tensor):
        tensor.path = path
        tensors.append(tensor)
      case .other(let reason, _):
        firstReason = firstReason ?? reason
        others.append(path)
      case nil: break
      }
    }
    var stateBytes = 0
    var seen: Set<UInt64> = []
    for (path, address) in tree.datasets where training.holds(path) {
      trainingState.append(path)
      // A dataset that is also a weight is kept, so its bytes are not left aside.
      guard !known.contains(address), seen.insert(address).inserted else { continue }
      stateBytes = add(stateBytes, try HDF5Content.storedBytes(file, path, address, texts))
    }
    for (kind, names, bytes) in [
      (LeftAside.Kind.trainingState, trainingState, stateBytes), (.notTensors, others, otherBytes),
    ] where !names.isEmpty {
      leftAside.append(LeftAside(kind, names: names, bytes: min(bytes, texts.fileBytes)))
    }
  }
}
#endif
