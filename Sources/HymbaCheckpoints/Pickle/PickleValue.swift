/// A value on the pickle machine's stack. What has parts lies in ``PickleObjects`` and is a number here, so
/// that lists can hold themselves and no value nests.
enum PickleValue: Hashable {
  case none
  case bool(Bool)
  case integer(Int)
  case float(Double)
  case text(Int)
  case tuple(Int)
  case list(Int)
  case dictionary(Int)
  case global(KnownGlobal)
  /// A class or function that is not known, by the text of its name.
  case foreign(Int)
  case storage(Int)
  case tensor(Int)
  /// What an unknown class or function would have made.
  case object(Int)
  /// Something without parts that no weight depends on: bytes, an integer beyond 64 bits, a text that is not UTF-8.
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
    case .global, .foreign: "a class or function"
    case .storage: "a storage"
    case .tensor: "a tensor"
    case .object: "an object"
    case .opaque: "bytes, a large number or a text that is not UTF-8"
    }
  }
}

/// A storage as the pickle names it: its bytes lie outside of the pickle.
struct PickleStorage {
  /// Nil for an untyped one, whose `count` is in bytes.
  let type: TorchType?
  let key: String
  let count: Int
  /// The part of it that this one is, in elements; only files of before version 1.6 have such.
  let part: Part?

  struct Part {
    let offset: Int
    let count: Int
  }
}

/// A tensor as the pickle describes it: a view of a storage. Nothing is checked against the storage yet.
struct PickleTensor {
  let storage: PickleStorage
  let type: TorchType
  /// In elements, as the strides.
  let offset: Int
  let dimensions: [Int]
  let strides: [Int]
  /// A view whose elements stand for their negative or conjugate.
  let isLazy: Bool
}

/// What a class or function would have made, had it been called: its name, and everything that it was given.
struct PickleObject {
  let name: String
  /// Whether it is plain data, or would take running something that is not known.
  let isData: Bool
  /// Whether it would be a tensor.
  let isTensor: Bool
  /// Arguments, state and elements.
  var parts: [PickleValue]
  /// The dictionary of the items that were set on it.
  var items: Int?
}
