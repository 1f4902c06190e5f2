import HymbaFormat

/// Calls of classes and functions: what they make of their arguments.
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
    try push(global(module: module, name: name))
  }

  mutating func global(module: String, name: String) -> PickleValue {
    KnownGlobal(module: module, name: name).map { .global($0) }
      ?? objects.addForeign("\(module).\(name)")
  }

  /// What `function` makes of `arguments`. Nothing is really called: an unknown class or function makes an
  /// object that keeps its name and its arguments.
  mutating func call(
    _ function: PickleValue, _ arguments: PickleValue
  ) throws(PyTorchError) -> PickleValue {
    switch function {
    case .global(let known): return try call(known, arguments, values(ofTuple: arguments))
    case .foreign(let name):
      let name = objects.texts[name]
      // A function that is given a storage makes a tensor of it.
      let isTensor = try values(ofTuple: arguments).contains {
        if case .storage = $0 { true } else { false }
      }
      return objects.addObject(
        name, isTensor: isTensor || KnownGlobal.makesTensor(name), [arguments])
    case .object(let object):
      // The result of an unknown call is called in turn.
      return objects.addObject(objects.objects[object].name, [function, arguments])
    default: throw unexpected("a class or function to call", function)
    }
  }

  private mutating func call(
    _ known: KnownGlobal, _ tuple: PickleValue, _ arguments: [PickleValue]
  ) throws(PyTorchError) -> PickleValue {
    switch known {
    case .dictionary: return try dictionary(arguments)
    case .defaultDictionary: return objects.addDictionary()
    case .rebuildTensor(let version): return try rebuildTensor(arguments, version: version)
    case .parameter: return try parameter(arguments)
    case .rebuildFromType: return try rebuildFromType(arguments)
    case .tensorClass: return objects.addObject("torch.Tensor", isTensor: true, [tuple])
    case .size:
      if case .tuple? = arguments.first { return arguments[0] }
      return objects.addObject("torch.Size", isData: true, [tuple])
    case .data, .elementType, .storage, .untypedStorage:
      return objects.addObject("plain data", isData: true, [tuple])
    }
  }

  /// A dictionary made of nothing, of another dictionary, or of pairs in a list. Python 2 gives an OrderedDict
  /// its pairs so, and a Counter is made of a dictionary.
  private mutating func dictionary(
    _ arguments: [PickleValue]
  ) throws(PyTorchError) -> PickleValue {
    guard let first = arguments.first else { return objects.addDictionary() }
    switch first {
    // The argument itself is the result, as nothing else refers to it. Copies would multiply what a pickle can
    // hold.
    case .dictionary: return first
    case .list(let list):
      copiedPairs += objects.lists[list].count
      guard copiedPairs <= Limits.pickleObjects else {
        throw problem(.tooMany("pairs that dictionaries are made of", limit: Limits.pickleObjects))
      }
      var keysAndValues: [PickleValue] = []
      for pair in objects.lists[list] {
        let parts: [PickleValue]? =
          switch pair {
          case .list(let pair): objects.lists[pair]
          case .tuple(let pair): objects.tuples[pair]
          default: nil
          }
        guard let parts, parts.count == 2 else { throw unexpected("a key with its value", pair) }
        keysAndValues += parts
      }
      return objects.addDictionary(keysAndValues)
    default: throw unexpected("what a dictionary is made of", first)
    }
  }

  func values(ofTuple value: PickleValue) throws(PyTorchError) -> [PickleValue] {
    guard case .tuple(let tuple) = value else { throw unexpected("a tuple", value) }
    return objects.tuples[tuple]
  }

  func value(
    _ position: Int, of arguments: [PickleValue]
  ) throws(PyTorchError) -> PickleValue {
    guard position < arguments.count else {
      throw problem(
        .unexpected("at least \(position + 1) arguments", found: "\(arguments.count)"))
    }
    return arguments[position]
  }
}

/// Objects of unknown classes, and the state that is set on them.
extension PickleMachine {
  /// Calls the class that is the first value after the last mark, with the values after it as arguments.
  mutating func callBehindMark() throws(PyTorchError) -> PickleValue {
    let values = try popToMark()
    guard let function = values.first else { throw problem(.emptyStack) }
    return try call(function, objects.addTuple(Array(values.dropFirst())))
  }

  /// Sets the state of an object, or the attributes of a dictionary or a tensor. `state_dict()` keeps the
  /// versions of modules in such an attribute.
  mutating func build(_ state: PickleValue) throws(PyTorchError) {
    switch try top() {
    case .object(let object): objects.append([state], toObject: object)
    case .dictionary, .tensor: objects.attach(state, to: try top())
    case let other: throw unexpected("an object that \(state.kind) belongs to", other)
    }
  }
}
