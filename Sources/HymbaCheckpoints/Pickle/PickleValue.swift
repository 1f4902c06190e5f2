/// A value on the pickle machine's stack. A value with parts is an index into ``PickleObjects``. So lists can
/// contain themselves, and no Swift value nests.
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
  /// A class or function that is not known, as the index of its name among the texts.
  case foreign(Int)
  case storage(Int)
  case tensor(Int)
  /// What a class or function would have made, see ``PickleObject``.
  case object(Int)
  /// A value without parts that no weight depends on: bytes, an integer beyond 64 bits, a text that is not
  /// UTF-8.
  case opaque

  /// What the value is, for messages.
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

/// A storage as the pickle names it. Its bytes lie outside the pickle.
struct PickleStorage {
  /// Nil for an untyped storage, whose `count` is in bytes.
  let type: TorchType?
  let key: String
  let count: Int
  /// The part of the storage that is meant, in elements; nil for all of it. Only files from before version 1.6
  /// have parts.
  let part: Part?

  struct Part {
    let offset: Int
    let count: Int
  }
}

/// A tensor as the pickle describes it: a view of a storage. Nothing has been compared with the storage yet.
struct PickleTensor {
  let storage: PickleStorage
  let type: TorchType
  /// Offset into the storage, in elements. The strides are in elements, too.
  let offset: Int
  let dimensions: [Int]
  let strides: [Int]
  /// Whether the tensor is a view whose elements stand for their negative or their complex conjugate.
  let isLazy: Bool
}

/// What a class or function would have made if it had been called: its name, and everything that it was given.
struct PickleObject {
  let name: String
  /// Whether it is plain data. Otherwise, making it would run something that is not known.
  let isData: Bool
  /// Whether it would be a tensor.
  let isTensor: Bool
  /// Its arguments, state and elements.
  var parts: [PickleValue]
  /// Index of the dictionary of the items that were set on it; nil when there is none.
  var items: Int?
}
