import HymbaFormat

/// The weights among everything that a pickle holds.
///
/// Dictionaries and lists are flattened to `outer.inner` names. A training checkpoint has its weights under
/// a name of their own, which is left out then. Optimizer states and whatever is no tensor are set aside and
/// reported.
struct StateDict {
  private(set) var tensors: [(name: String, tensor: PickleTensor)] = []
  /// Where the weights lie, for people; empty for a plain state dict.
  private(set) var notes: [String] = []
  private(set) var leftAside: [LeftAside] = []

  /// Under which names training programs keep the weights: PyTorch's tutorials, Lightning, timm, DeepSpeed.
  private static let partNames = ["state_dict", "model_state_dict", "model", "module"]
  /// What parts beside them are called that hold tensors and yet no weights.
  private static let asideMarks = ["optim", "sched", "scaler", "rng"]

  /// - Throws: ``PyTorchError``.
  init(_ root: PickleValue, _ objects: PickleObjects) throws(PyTorchError) {
    guard case .dictionary = root else { throw .notAStateDict(root.kind) }
    var contents = PickleContents(objects)
    try contents.collect(root, [])
    if contents.optimizers.contains([]) { throw .optimizerState }
    var found = contents.tensors
    var aside = contents.optimizers
    var parts: [String] = []
    while let part = Self.part(found.map(\.path)) {
      parts.append(part)
      aside += Set(found.filter { $0.path.first != part }.map { Array($0.path.prefix(1)) })
        .sorted { $0[0].utf8Precedes($1[0]) }
      found = found.filter { $0.path.first == part }
        .map { (path: Array($0.path.dropFirst()), tensor: $0.tensor) }
    }
    guard !found.isEmpty else { throw aside.isEmpty ? .noTensors : .optimizerState }
    tensors = found.map { (name: $0.path.joined(separator: "."), tensor: $0.tensor) }
    if !parts.isEmpty { notes.append("the weights are those in “\(Self.name(parts).printable)”") }
    if !aside.isEmpty {
      leftAside.append(LeftAside(.trainingState, names: aside.map(Self.name), bytes: 0))
    }
    if !contents.others.isEmpty {
      leftAside.append(LeftAside(.notTensors, names: contents.others.map(Self.name), bytes: 0))
    }
  }

  /// The part that holds the weights: known by its name, and nothing beside it could be weights.
  private static func part(_ paths: [[String]]) -> String? {
    // A tensor without a part stands beside the part.
    guard paths.allSatisfy({ $0.count > 1 }) else { return nil }
    let names = Set(paths.compactMap(\.first))
    guard let part = partNames.first(where: names.contains) else { return nil }
    let isAside = names.subtracting([part]).allSatisfy { name in
      asideMarks.contains { name.lowercased().contains($0) }
    }
    return isAside ? part : nil
  }

  private static func name(_ path: [String]) -> String { path.joined(separator: ".") }
}
