import HymbaFormat

/// Finds the tensors below values that no weight is looked for in: states of optimizers, objects that are not
/// made, attributes. Everything is looked at once, however often it is held.
struct PickleReach {
  private let objects: PickleObjects
  private var seen: Set<PickleValue>
  private var nameBytes = 0

  /// - Parameter known: Values that are not looked for: tensors that are among the weights.
  init(_ objects: PickleObjects, besides known: [PickleValue]) {
    self.objects = objects
    self.seen = Set(known)
  }

  /// The tensors and lone storages below `value`, each with a name that begins with `name`.
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
      // The last that waits is the next that is looked at.
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

  /// Only what has parts, or is a tensor, is worth a look.
  private mutating func isNew(_ value: PickleValue) -> Bool {
    switch value {
    case .tuple, .list, .dictionary, .object, .tensor, .storage: seen.insert(value).inserted
    default: false
    }
  }

  /// Names of many values below long keys would fill the memory; then they are only those of what holds them.
  private mutating func longer(_ name: String, _ key: PickleValue) -> String {
    guard nameBytes <= Limits.stateDictNameBytes else { return name }
    let part = PickleKey(key, objects).name
    nameBytes += name.utf8.count + part.utf8.count
    return name.isEmpty ? part : "\(name).\(part)"
  }
}
