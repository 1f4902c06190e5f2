import HymbaFormat

/// Finds the tensors in values where no weights are looked for: optimizer states, objects that are not made,
/// attributes. Each value is visited once, however many others hold it.
struct PickleReach {
  private let objects: PickleObjects
  private var seen: Set<PickleValue>
  private var nameBytes = 0

  /// - Parameter known: Values that are not reported: the tensors among the weights.
  init(_ objects: PickleObjects, besides known: [PickleValue]) {
    self.objects = objects
    self.seen = Set(known)
  }

  /// Finds the storages below `value`: those of tensors, and those that stand alone.
  /// - Parameter name: What their names begin with.
  mutating func storages(
    below value: PickleValue, named name: String
  ) -> [(name: String, storage: PickleStorage)] {
    var found: [(name: String, storage: PickleStorage)] = []
    var waiting: [(value: PickleValue, name: String)] = []
    if isNew(value) { waiting.append((value, name)) }
    while let (value, name) = waiting.popLast() {
      switch value {
      case .tensor(let index): found.append((name, objects.tensors[index].storage))
      case .storage(let index): found.append((name, objects.storages[index]))
      default: break
      }
      let first = waiting.count
      for part in objects.attributes[value] ?? [] where isNew(part) { waiting.append((part, name)) }
      for part in parts(of: value) where isNew(part) { waiting.append((part, name)) }
      if case .dictionary(let index) = value {
        let entries = objects.dictionaries[index]
        for position in stride(from: 0, to: entries.count - 1, by: 2) {
          let (key, part) = (entries[position], entries[position + 1])
          if isNew(part) { waiting.append((part, longer(name, key))) }
          if isNew(key) { waiting.append((key, name)) }
        }
      }
      // `waiting` is a stack: reversed, the new parts are visited in their own order.
      waiting[first...].reverse()
    }
    return found
  }

  private func parts(of value: PickleValue) -> [PickleValue] {
    switch value {
    case .tuple(let index): objects.tuples[index]
    case .list(let index): objects.lists[index]
    case .object(let index): objects.objects[index].parts
    default: []
    }
  }

  /// Whether `value` can hold tensors or is one, and was not seen before.
  private mutating func isNew(_ value: PickleValue) -> Bool {
    switch value {
    case .tuple, .list, .dictionary, .object, .tensor, .storage: seen.insert(value).inserted
    default: false
    }
  }

  /// The name of a value below `key` in what is called `name`. When all names together would take too much
  /// memory, it is `name` alone.
  private mutating func longer(_ name: String, _ key: PickleValue) -> String {
    guard nameBytes <= Limits.stateDictNameBytes else { return name }
    let part = PickleKey(key, objects).name
    nameBytes += name.utf8.count + part.utf8.count
    return name.isEmpty ? part : "\(name).\(part)"
  }
}
