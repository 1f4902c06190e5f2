import HymbaFormat

/// The weights among everything that a pickle holds.
///
/// Dictionaries and lists are flattened to names like `outer.inner`. A training checkpoint has its weights
/// under a name of their own, such as `model`, which is left out. Optimizer states, tensors in objects, and
/// everything that is not a tensor are set aside and reported.
struct StateDict {
  private(set) var tensors: [(name: String, tensor: PickleTensor)] = []
  /// Sentences for people: where the weights lie, and what was not run. Empty for a plain state dict.
  private(set) var notes: [String] = []
  private(set) var asides: [Aside] = []

  /// Something that is left aside, with the storages of its tensors.
  struct Aside {
    let kind: LeftAside.Kind
    let names: [String]
    var storages: [PickleStorage] = []
  }

  /// Finds the weights.
  /// - Parameter root: The value that the pickle makes, which must be a dictionary.
  /// - Throws: ``PyTorchError``.
  init(_ root: PickleValue, _ objects: PickleObjects) throws(PyTorchError) {
    switch root {
    case .dictionary: break
    case .object(let index):
      throw .notAStateDict(
        "an object of “\(objects.objects[index].name.printable)”",
        wayOut: PyTorchAdvice.stateDict(insteadOf: root))
    default:
      throw .notAStateDict(root.kind, wayOut: PyTorchAdvice.stateDict(insteadOf: root))
    }
    var contents = PickleContents(objects)
    try contents.collect(root, [])
    if contents.optimizers.contains(where: { $0.path.isEmpty }) { throw .optimizerState }
    let weights = WeightPart(of: contents.tensors, objects)
    var reach = PickleReach(objects, besides: weights.kept.map(\.value))
    let hidden = contents.closed.map { item in
      (item, reach.storages(below: item.value, named: Self.name(item.path)))
    }.filter { !$0.1.isEmpty }
    try Self.requireWeights(weights, hidden.map(\.0), contents, root, objects)

    var names = NameTable<Bool>(minimumCapacity: weights.kept.count)
    for item in weights.kept {
      if let foreign = item.foreign {
        throw .foreignKey(
          in: Self.name(foreign.path), key: objects.words(ofForeign: foreign.key))
      }
      let name = Self.name(item.path)
      guard names.insert(true, for: name) else { throw .sameName(name) }
      switch item.value {
      case .tensor(let index): tensors.append((name, objects.tensors[index]))
      case .object(let index):
        throw .needsGlobal(tensor: name, global: objects.objects[index].name)
      default: break
      }
    }
    var training = Aside(
      kind: .trainingState,
      names: (contents.optimizers.map(\.path) + weights.asideNames).map(Self.name))
    for item in contents.optimizers + weights.aside {
      training.storages += reach.storages(below: item.value, named: "").map(\.storage)
    }
    let found = hidden.flatMap(\.1)
    // A value in a part that is left aside is named with that part. An object that holds tensors is named with
    // them.
    let holders = Set(hidden.map { WeightPart.key(of: $0.0.path[...]) })
    let others = contents.others.filter {
      !weights.isAside($0) && !holders.contains(WeightPart.key(of: $0[...]))
    }
    asides = [
      training,
      Aside(kind: .hiddenTensors, names: found.map(\.name), storages: found.map(\.storage)),
      Aside(kind: .notTensors, names: others.map(Self.name)),
    ].filter { !$0.names.isEmpty }
    if !weights.part.isEmpty {
      notes.append("the weights are those in “\(Self.name(weights.part).printable)”")
    }
    if !weights.rivals.isEmpty {
      notes.append(
        "\(LeftAside.shown(weights.rivals)) all hold tensors: none is taken for the weights, and the names of all begin with these"
      )
    }
    if !objects.unrun.isEmpty {
      let them = objects.unrun.count == 1 ? "it" : "them"
      notes.append("not run, as no tensor needs \(them): \(LeftAside.shown(objects.unrun))")
    }
  }

  /// Checks that there are weights. They must not lie in an object that only running something would make. When
  /// the part for the weights is empty, the tensors beside it must not be taken for the weights.
  /// - Throws: ``PyTorchError/tensorsInObject(at:global:)``, ``PyTorchError/trainingAlone(_:empty:)``,
  ///   ``PyTorchError/noTensors(unrun:)``.
  private static func requireWeights(
    _ weights: WeightPart, _ hidden: [PickleContents.Item], _ contents: PickleContents,
    _ root: PickleValue, _ objects: PickleObjects
  ) throws(PyTorchError) {
    let holder = hidden.first { item in
      weights.kept.isEmpty
        || weights.part.isEmpty && item.path.count == 1 && WeightPart.isName(item.path[0])
    }
    if let holder, case .object(let index) = holder.value {
      throw .tensorsInObject(at: holder.path, global: objects.objects[index].name)
    }
    guard weights.part.isEmpty else { return }
    let empty = emptyPart(of: root, beside: weights.kept, objects)
    guard let names = WeightPart.trainingAlone(weights.kept, isBeside: empty != nil, objects) else {
      return
    }
    let training = contents.optimizers.map { name($0.path) } + names
    guard training.isEmpty else { throw .trainingAlone(training, empty: empty) }
    throw .noTensors(unrun: objects.unrun)
  }

  /// The first key of `root` that is a usual name for weights, but leads to none of `items`.
  private static func emptyPart(
    of root: PickleValue, beside items: [PickleContents.Item], _ objects: PickleObjects
  ) -> String? {
    guard case .dictionary(let index) = root else { return nil }
    let entries = objects.dictionaries[index]
    return stride(from: 0, to: entries.count - 1, by: 2).lazy
      .map { PickleKey(entries[$0], objects).name }
      .first { name in WeightPart.isName(name) && !items.contains { $0.path[0] == name } }
  }

  private static func name(_ path: [String]) -> String { path.joined(separator: ".") }
}
