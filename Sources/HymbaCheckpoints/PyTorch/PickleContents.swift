import HymbaFormat

/// Everything below a pickle's root dictionary, with the path of keys that leads there.
struct PickleContents {
  struct Item {
    var path: [String]
    let value: PickleValue
    /// The first key on the path that cannot be a part of a name.
    var foreign: ForeignKey?
  }

  struct ForeignKey {
    /// The path of the dictionary that has the key.
    let path: [String]
    let key: PickleValue
  }

  /// Tensors, and objects that would be tensors.
  private(set) var tensors: [Item] = []
  /// Dictionaries that are the state of an optimizer.
  private(set) var optimizers: [Item] = []
  /// Objects of classes that are not run, and Python attributes. Tensors may lie in them.
  private(set) var closed: [Item] = []
  /// Paths of the values that are neither tensors nor optimizer states.
  private(set) var others: [[String]] = []
  private let objects: PickleObjects
  private var values = 0
  private var nameBytes = 0

  init(_ objects: PickleObjects) { self.objects = objects }

  /// Collects `value` and everything below it.
  /// - Parameters:
  ///   - path: The keys that lead to `value`.
  ///   - foreign: The first key on that path that cannot be a part of a name.
  /// - Throws: ``PyTorchError/tooDeep(limit:)``, also for a dictionary that contains itself;
  ///   ``PyTorchError/tooManyValues(limit:)``, ``PyTorchError/namesTooLong(limit:)``.
  mutating func collect(
    _ value: PickleValue, _ path: [String], foreign: ForeignKey? = nil
  ) throws(PyTorchError) {
    values += 1
    guard values <= Limits.stateDictValues else {
      throw .tooManyValues(limit: Limits.stateDictValues)
    }
    nameBytes += path.reduce(0) { $0 + $1.utf8.count + 1 }
    guard nameBytes <= Limits.stateDictNameBytes else {
      throw .namesTooLong(limit: Limits.stateDictNameBytes)
    }
    guard path.count <= Limits.stateDictDepth else { throw .tooDeep(limit: Limits.stateDictDepth) }
    for attribute in objects.attributes[value] ?? [] {
      closed.append(Item(path: path, value: attribute))
    }
    switch value {
    case .tensor: tensors.append(Item(path: path, value: value, foreign: foreign))
    case .object(let index) where objects.objects[index].isTensor:
      tensors.append(Item(path: path, value: value, foreign: foreign))
    case .object:
      closed.append(Item(path: path, value: value))
      others.append(path)
    case .dictionary(let index):
      let entries = objects.dictionaries[index]
      if isOptimizer(entries) { return optimizers.append(Item(path: path, value: value)) }
      for position in stride(from: 0, to: entries.count - 1, by: 2) {
        let key = PickleKey(entries[position], objects)
        let found = key.foreign.map { ForeignKey(path: path, key: $0) }
        try collect(entries[position + 1], path + [key.name], foreign: foreign ?? found)
      }
    case .list(let index): try collect(objects.lists[index], path, foreign)
    case .tuple(let index): try collect(objects.tuples[index], path, foreign)
    default: others.append(path)
    }
  }

  /// Collects the elements of a list or tuple. One without tensors is reported as a single value.
  private mutating func collect(
    _ elements: [PickleValue], _ path: [String], _ foreign: ForeignKey?
  ) throws(PyTorchError) {
    let known = (tensors.count, optimizers.count, others.count)
    for (position, element) in elements.enumerated() {
      try collect(element, path + ["\(position)"], foreign: foreign)
    }
    if (tensors.count, optimizers.count) == (known.0, known.1) {
      others.removeSubrange(known.2...)
      others.append(path)
    }
  }

  /// Whether a dictionary is the state of an optimizer: `torch.optim.Optimizer.state_dict()` has exactly these
  /// two keys.
  private func isOptimizer(_ entries: [PickleValue]) -> Bool {
    let names = ["state", "param_groups"]
    return entries.count == 2 * names.count
      && names.allSatisfy { name in
        stride(from: 0, to: entries.count, by: 2).contains {
          guard case .text(let key) = entries[$0] else { return false }
          return objects.texts[key].utf8.elementsEqual(name.utf8)
        }
      }
  }
}
