import HymbaFormat

/// All values with parts that a pickle made. A ``PickleValue`` refers to them by index.
struct PickleObjects {
  private(set) var texts: [String] = []
  private(set) var tuples: [[PickleValue]] = []
  private(set) var lists: [[PickleValue]] = []
  /// Each dictionary as keys and values in turn, in the order of the pickle.
  private(set) var dictionaries: [[PickleValue]] = []
  private(set) var storages: [PickleStorage] = []
  private(set) var tensors: [PickleTensor] = []
  private(set) var objects: [PickleObject] = []
  /// Python attributes of dictionaries and tensors.
  private(set) var attributes: [PickleValue: [PickleValue]] = [:]

  var count: Int {
    texts.count + tuples.count + lists.count + dictionaries.count + storages.count + tensors.count
      + objects.count
  }

  /// Names of the classes and functions that would have to run for everything to be there, each once.
  var unrun: [String] {
    var seen: Set<NameKey> = []
    return objects.filter { !$0.isData && seen.insert(NameKey($0.name)).inserted }.map(\.name)
  }

  mutating func add(_ text: String) -> PickleValue {
    texts.append(text)
    return .text(texts.count - 1)
  }

  mutating func addForeign(_ name: String) -> PickleValue {
    texts.append(name)
    return .foreign(texts.count - 1)
  }

  mutating func addTuple(_ values: [PickleValue]) -> PickleValue {
    tuples.append(values)
    return .tuple(tuples.count - 1)
  }

  mutating func addList() -> PickleValue {
    lists.append([])
    return .list(lists.count - 1)
  }

  mutating func addDictionary(_ keysAndValues: [PickleValue] = []) -> PickleValue {
    dictionaries.append(keysAndValues)
    return .dictionary(dictionaries.count - 1)
  }

  mutating func add(_ storage: PickleStorage) -> PickleValue {
    storages.append(storage)
    return .storage(storages.count - 1)
  }

  mutating func add(_ tensor: PickleTensor) -> PickleValue {
    tensors.append(tensor)
    return .tensor(tensors.count - 1)
  }

  mutating func addObject(
    _ name: String, isData: Bool = false, isTensor: Bool = false, _ parts: [PickleValue]
  ) -> PickleValue {
    objects.append(PickleObject(name: name, isData: isData, isTensor: isTensor, parts: parts))
    return .object(objects.count - 1)
  }

  mutating func append(_ values: ArraySlice<PickleValue>, toList list: Int) {
    lists[list].append(contentsOf: values)
  }

  mutating func append(_ keysAndValues: ArraySlice<PickleValue>, toDictionary dictionary: Int) {
    dictionaries[dictionary].append(contentsOf: keysAndValues)
  }

  mutating func append(_ parts: ArraySlice<PickleValue>, toObject object: Int) {
    objects[object].parts.append(contentsOf: parts)
  }

  mutating func append(_ keysAndValues: ArraySlice<PickleValue>, toItemsOf object: Int) {
    if let items = objects[object].items {
      append(keysAndValues, toDictionary: items)
    } else {
      objects[object].parts.append(addDictionary(Array(keysAndValues)))
      objects[object].items = dictionaries.count - 1
    }
  }

  mutating func attach(_ state: PickleValue, to value: PickleValue) {
    attributes[value, default: []].append(state)
  }
}
