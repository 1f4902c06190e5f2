import HymbaFormat

/// Storages and tensors, made of their arguments in the pickle.
extension PickleMachine {
  /// Resolves a persistent identifier, which names something outside the pickle.
  ///
  /// A storage is `("storage", class, key, location, number of elements)`. Files from before version 1.6 add
  /// the part of the storage that is meant, `(key, offset, number of elements)` or None. They can also have
  /// `("module", class, file, source)`, which stands for the class.
  mutating func persistent(_ id: PickleValue) throws(PyTorchError) -> PickleValue {
    let parts = try values(ofTuple: id)
    let tag = try value(0, of: parts)
    switch tag {
    case .text(let text) where objects.texts[text].utf8.elementsEqual("module".utf8):
      return try value(1, of: parts)
    case .text(let text) where objects.texts[text].utf8.elementsEqual("storage".utf8):
      return objects.add(try storage(parts))
    default: throw unexpected("the identifier of a storage", tag)
    }
  }

  private func storage(_ parts: [PickleValue]) throws(PyTorchError) -> PickleStorage {
    let (kind, key) = (try value(1, of: parts), try value(2, of: parts))
    let type: TorchType?
    switch kind {
    case .global(.storage(let known)): type = .known(known)
    case .global(.untypedStorage): type = nil
    case .foreign(let name):
      guard let named = TorchType(storage: unqualified(name)) else {
        throw unexpected("the class of a storage", kind)
      }
      type = named
    default: throw unexpected("the class of a storage", kind)
    }
    guard case .text(let name) = key else { throw unexpected("the key of a storage", key) }
    return PickleStorage(
      type: type, key: objects.texts[name], count: try integer(value(4, of: parts)),
      part: try part(parts.dropFirst(5).first))
  }

  /// The part of a storage that is meant; nil for all of it.
  private func part(_ view: PickleValue?) throws(PyTorchError) -> PickleStorage.Part? {
    guard let view, view != .none else { return nil }
    let parts = try values(ofTuple: view)
    return PickleStorage.Part(
      offset: try integer(value(1, of: parts)), count: try integer(value(2, of: parts)))
  }

  /// A tensor made of `(storage, offset, size, stride, requires_grad, hooks, metadata)`. In version 3, the
  /// element type comes before the metadata. In version 1, the arguments end after the stride.
  mutating func rebuildTensor(
    _ arguments: [PickleValue], version: Int
  ) throws(PyTorchError) -> PickleValue {
    let first = try value(0, of: arguments)
    if case .object(let object) = first {
      // An unknown call would have made this storage, so what it holds is not known.
      let name = objects.objects[object].name
      return objects.addObject(name, isTensor: true, [objects.addTuple(arguments)])
    }
    guard case .storage(let index) = first else { throw unexpected("a storage", first) }
    let storage = objects.storages[index]
    var type = storage.type
    if version == 3 {
      let named = try value(6, of: arguments)
      switch named {
      case .global(.elementType(let known)): type = .known(known)
      case .foreign(let name): type = TorchType(dtype: unqualified(name))
      default: throw unexpected("an element type", named)
      }
    }
    return objects.add(
      PickleTensor(
        storage: storage, type: type ?? .known(.uint8),
        offset: try integer(value(1, of: arguments)),
        dimensions: try integers(value(2, of: arguments)),
        strides: try integers(value(3, of: arguments)),
        isLazy: isLazy(arguments.dropFirst(version == 3 ? 7 : 6).first)))
  }

  /// The tensor of `(tensor, requires_grad, hooks, attributes)`.
  mutating func parameter(_ arguments: [PickleValue]) throws(PyTorchError) -> PickleValue {
    let tensor = try value(0, of: arguments)
    switch tensor {
    case .tensor:
      if arguments.count > 3 { objects.attach(arguments[3], to: tensor) }
      return tensor
    case .object(let object):
      return objects.addObject(
        objects.objects[object].name, isTensor: true, [objects.addTuple(arguments)])
    default: throw unexpected("a tensor", tensor)
    }
  }

  /// The tensor of `(function, class, arguments of the function, attributes)`. A plain tensor keeps its
  /// attributes. A tensor of a subclass becomes an object, because only that class knows what it means.
  mutating func rebuildFromType(_ arguments: [PickleValue]) throws(PyTorchError) -> PickleValue {
    let (function, kind) = (try value(0, of: arguments), try value(1, of: arguments))
    let made: PickleValue
    switch function {
    case .global(.rebuildTensor), .global(.parameter):
      made = try call(function, value(2, of: arguments))
    case .foreign(let name):
      return objects.addObject(
        objects.texts[name], isTensor: true, [objects.addTuple(arguments)])
    default: throw unexpected("a function that makes a tensor", function)
    }
    switch kind {
    case .global(.tensorClass), .global(.parameter):
      if case .tensor = made, arguments.count > 3 { objects.attach(arguments[3], to: made) }
      return made
    case .foreign(let name):
      return objects.addObject(
        objects.texts[name], isTensor: true, [made, objects.addTuple(arguments)])
    default: throw unexpected("the class of a tensor", kind)
    }
  }

  /// Whether a tensor's metadata sets the negative or the conjugate bit. Any entry counts as one.
  private func isLazy(_ metadata: PickleValue?) -> Bool {
    guard case .dictionary(let entries)? = metadata else { return false }
    return !objects.dictionaries[entries].isEmpty
  }

  /// The name of a class without its module.
  private func unqualified(_ name: Int) -> String {
    String(objects.texts[name].split(separator: ".").last ?? "")
  }

  private func integer(_ value: PickleValue) throws(PyTorchError) -> Int {
    guard case .integer(let integer) = value else { throw unexpected("an integer", value) }
    return integer
  }

  /// The sizes or strides of a tensor, but at most one more than a tensor may have: that is enough to refuse
  /// them.
  private func integers(_ tuple: PickleValue) throws(PyTorchError) -> [Int] {
    var integers: [Int] = []
    for value in try values(ofTuple: tuple).prefix(Limits.maximumRank + 1) {
      integers.append(try integer(value))
    }
    return integers
  }
}
