import HymbaFormat

/// A value on the pickle machine's stack. What has parts lies in ``PickleObjects`` and is a number here, so
/// that lists can hold themselves and no value nests.
enum PickleValue {
  case none
  case bool(Bool)
  case integer(Int)
  case float(Double)
  case text(Int)
  case tuple(Int)
  case list(Int)
  case dictionary(Int)
  case global(KnownGlobal)
  case storage(Int)
  case tensor(Int)
  /// Something that no weight depends on: bytes, a set, a device, an integer beyond 64 bits.
  case opaque

  /// What it is, for messages.
  var kind: String {
    switch self {
    case .none: "None"
    case .bool: "a bool"
    case .integer: "an integer"
    case .float: "a float"
    case .text: "a text"
    case .tuple: "a tuple"
    case .list: "a list"
    case .dictionary: "a dictionary"
    case .global: "a class or function"
    case .storage: "a storage"
    case .tensor: "a tensor"
    case .opaque: "another object"
    }
  }
}

/// A storage as the pickle names it: its bytes are another entry of the archive.
struct PickleStorage {
  /// Nil for an untyped one, whose `count` is in bytes.
  let type: ElementType?
  let key: String
  let count: Int
}

/// A tensor as the pickle describes it: a view of a storage. Nothing is checked against the storage yet.
struct PickleTensor {
  let storage: PickleStorage
  let type: ElementType
  /// In elements, as the strides.
  let offset: Int
  let dimensions: [Int]
  let strides: [Int]
  /// A view whose elements stand for their negative or conjugate.
  let isLazy: Bool
}

/// Everything with parts that a pickle made.
struct PickleObjects {
  private(set) var texts: [String] = []
  private(set) var tuples: [[PickleValue]] = []
  private(set) var lists: [[PickleValue]] = []
  /// Keys and values in turn, in the order of the pickle.
  private(set) var dictionaries: [[PickleValue]] = []
  private(set) var storages: [PickleStorage] = []
  private(set) var tensors: [PickleTensor] = []

  var count: Int {
    texts.count + tuples.count + lists.count + dictionaries.count + storages.count + tensors.count
  }

  mutating func add(_ text: String) -> PickleValue {
    texts.append(text)
    return .text(texts.count - 1)
  }

  mutating func addTuple(_ values: [PickleValue]) -> PickleValue {
    tuples.append(values)
    return .tuple(tuples.count - 1)
  }

  mutating func addList() -> PickleValue {
    lists.append([])
    return .list(lists.count - 1)
  }

  mutating func addDictionary() -> PickleValue {
    dictionaries.append([])
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

  mutating func append(_ values: ArraySlice<PickleValue>, toList list: Int) {
    lists[list].append(contentsOf: values)
  }

  mutating func append(_ keysAndValues: ArraySlice<PickleValue>, toDictionary dictionary: Int) {
    dictionaries[dictionary].append(contentsOf: keysAndValues)
  }
}
