import HymbaFormat

/// What the known classes and functions make of their arguments.
extension PickleMachine {
  mutating func popName() throws(PyTorchError) -> String {
    let value = try pop()
    guard case .text(let text) = value else { throw unexpected("the name of a class", value) }
    guard objects.texts[text].utf8.count <= Limits.pickleGlobalBytes else {
      throw problem(.nameTooLong(limit: Limits.pickleGlobalBytes))
    }
    return objects.texts[text]
  }

  mutating func pushGlobal(module: String, name: String) throws(PyTorchError) {
    guard let known = KnownGlobal(module: module, name: name) else {
      throw problem(.forbiddenGlobal("\(module).\(name)"))
    }
    try push(.global(known))
  }

  mutating func call(
    _ function: PickleValue, _ arguments: PickleValue
  ) throws(PyTorchError) -> PickleValue {
    guard case .global(let known) = function else {
      throw unexpected("a class or function to call", function)
    }
    let arguments = try values(ofTuple: arguments)
    switch known {
    case .orderedDictionary:
      guard arguments.isEmpty else {
        throw problem(.unexpected("an empty OrderedDict", found: "one that is made of something"))
      }
      return objects.addDictionary()
    case .rebuildTensor(let version):
      let tensor = try tensor(arguments, version: version)
      return objects.add(tensor)
    case .rebuildParameter:
      // (tensor, requires_grad, hooks)
      let tensor = try value(0, of: arguments)
      guard case .tensor = tensor else { throw unexpected("a tensor", tensor) }
      return tensor
    case .size:
      let sizes = try value(0, of: arguments)
      _ = try values(ofTuple: sizes)
      return sizes
    case .device, .elementType, .storage, .untypedStorage: return .opaque
    }
  }

  /// `("storage", class, key, location, number of elements)`; files of before 1.6 have a sixth part.
  func storage(_ id: PickleValue) throws(PyTorchError) -> PickleStorage {
    let parts = try values(ofTuple: id)
    let (tag, kind, key) = (
      try value(0, of: parts), try value(1, of: parts), try value(2, of: parts)
    )
    guard case .text(let text) = tag, objects.texts[text].utf8.elementsEqual("storage".utf8) else {
      throw unexpected("the identifier of a storage", tag)
    }
    let type: ElementType?
    switch kind {
    case .global(.storage(let known)): type = known
    case .global(.untypedStorage): type = nil
    default: throw unexpected("the class of a storage", kind)
    }
    guard case .text(let name) = key else { throw unexpected("the key of a storage", key) }
    return PickleStorage(
      type: type, key: objects.texts[name], count: try integer(value(4, of: parts)))
  }

  /// `(storage, offset, size, stride, requires_grad, hooks, metadata)`; version 3 has the element type
  /// before the metadata, version 1 ends after the stride.
  private func tensor(
    _ arguments: [PickleValue], version: Int
  ) throws(PyTorchError) -> PickleTensor {
    let first = try value(0, of: arguments)
    guard case .storage(let index) = first else { throw unexpected("a storage", first) }
    let storage = objects.storages[index]
    var type = storage.type
    if version == 3 {
      let named = try value(6, of: arguments)
      guard case .global(.elementType(let known)) = named else {
        throw unexpected("an element type", named)
      }
      type = known
    }
    return PickleTensor(
      storage: storage, type: type ?? .uint8, offset: try integer(value(1, of: arguments)),
      dimensions: try integers(value(2, of: arguments)),
      strides: try integers(value(3, of: arguments)),
      isLazy: isLazy(arguments.dropFirst(version == 3 ? 7 : 6).first))
  }

  /// Whether a tensor's metadata sets the negative or the conjugate bit.
  private func isLazy(_ metadata: PickleValue?) -> Bool {
    guard case .dictionary(let entries)? = metadata else { return false }
    return !objects.dictionaries[entries].isEmpty
  }

  private func values(ofTuple value: PickleValue) throws(PyTorchError) -> [PickleValue] {
    guard case .tuple(let tuple) = value else { throw unexpected("a tuple", value) }
    return objects.tuples[tuple]
  }

  private func value(
    _ position: Int, of arguments: [PickleValue]
  ) throws(PyTorchError) -> PickleValue {
    guard position < arguments.count else {
      throw problem(
        .unexpected("at least \(position + 1) arguments", found: "\(arguments.count)"))
    }
    return arguments[position]
  }

  private func integer(_ value: PickleValue) throws(PyTorchError) -> Int {
    guard case .integer(let integer) = value else { throw unexpected("an integer", value) }
    return integer
  }

  /// The sizes or strides of a tensor; one more than there may be is enough to refuse them.
  private func integers(_ tuple: PickleValue) throws(PyTorchError) -> [Int] {
    var integers: [Int] = []
    for value in try values(ofTuple: tuple).prefix(Limits.maximumRank + 1) {
      integers.append(try integer(value))
    }
    return integers
  }
}
