import HymbaCheckpoints
import HymbaFormat
import TestSupport
import Testing

/// What no tensor needs is left aside by name; what a tensor needs and only running something would give is not
/// read.
@Suite struct PickleObjectTests {
  private static let storage: [UInt8] = Array(0..<24)
  private static let tensor = Pickle.tensor(Pickle.storage("0", 6), shape: [6], strides: [1])
  private static let hidden = Pickle.tensor(Pickle.storage("1", 2), shape: [2], strides: [1])
  private static let class_ = Pickle.global("a", "B")
  private static let newObject: [UInt8] = [0x81]
  private static let build: [UInt8] = [0x62]
  private static let object = class_ + Pickle.emptyTuple + newObject

  private func open(
    _ entries: (key: String, value: [UInt8])...
  ) throws -> any CheckpointSource {
    let pickle =
      Pickle.proto + Pickle.emptyDictionary
      + entries.flatMap { Pickle.text($0.key) + $0.value + Pickle.setItem } + Pickle.stop
    let zip = Pickle.archive(pickle, [("0", Self.storage), ("1", Array(Self.storage.prefix(8)))])
    return try HymbaCheckpointsTests.open(zip).source
  }

  static let objects: [(name: String, value: [UInt8])] = [
    ("a call", class_ + Pickle.tuple(Pickle.text("rm -rf /")) + Pickle.reduce),
    ("os.system", Pickle.global("os", "system") + Pickle.tuple(Pickle.text("ls")) + Pickle.reduce),
    ("an object", object),
    ("an object with a state", object + Pickle.emptyDictionary + build),
    ("an object with items", object + Pickle.text("k") + Pickle.none + Pickle.setItem),
    ("an object with elements", object + Pickle.none + Pickle.append),
    ("an object with keywords", class_ + Pickle.emptyTuple + Pickle.emptyDictionary + [0x92]),
    ("an instance", Pickle.mark + Pickle.none + Array("ia\nB\n".utf8)),
    ("an object of protocol 1", Pickle.mark + class_ + Pickle.none + [0x6F]),
    ("an extension", [0x82, 7] + Pickle.emptyTuple + Pickle.reduce),
    ("a class", class_), ("a set", [0x8F] + Pickle.mark + Pickle.none + [0x90]),
    ("a frozen set", Pickle.mark + Pickle.none + [0x91]),
    ("a text that is none", [0x55, 1, 0xFF]), ("bytes", [0x43, 1, 0xFF]),
    ("a text with half of a surrogate pair", [0x8C, 3, 0xED, 0xB3, 0xBF]),
    (
      "a size of something",
      Pickle.global("torch", "Size") + Pickle.tuple(Pickle.text("a")) + Pickle.reduce
    ),
  ]

  @Test("whatever no tensor needs is left aside, and nothing is run", arguments: objects)
  func unneeded(_ name: String, _ value: [UInt8]) throws {
    let source = try open(("w", Self.tensor), ("x", value))
    #expect(source.tensors.map(\.name) == ["w"])
    #expect(try source.bytes(of: source.tensors[0]) == Self.storage)
    #expect(source.leftAside == [LeftAside(.notTensors, names: ["x"], bytes: 0)])
  }

  @Test("classes and functions that were not run are named, plain data and classes alone are not")
  func notes() throws {
    #expect(
      try open(("w", Self.tensor), ("x", Self.object)).notes
        == ["not run, as no tensor needs it: “a.B”"])
    let call = Pickle.global("os", "system") + Pickle.emptyTuple + Pickle.reduce
    #expect(
      try open(("w", Self.tensor), ("x", Self.object), ("y", call), ("z", Self.object)).notes
        == ["not run, as no tensor needs them: “a.B”, “os.system”"])
    let set =
      Pickle.global("builtins", "set") + Pickle.tuple(Pickle.emptyList) + Pickle.reduce
    #expect(try open(("w", Self.tensor), ("x", set), ("y", Self.class_)).notes.isEmpty)
  }

  static let holders: [(name: String, value: [UInt8], tensor: String)] = [
    ("arguments", class_ + Pickle.tuple(hidden) + Pickle.reduce, "x"),
    ("state", object + Pickle.dictionary((Pickle.text("shadow"), hidden)) + build, "x.shadow"),
    ("items", object + Pickle.text("k") + hidden + Pickle.setItem, "x.k"),
    ("elements", object + hidden + Pickle.append, "x"),
    ("a set", [0x8F] + Pickle.mark + hidden + [0x90], "x"),
    (
      "the state of an object in an object",
      object
        + Pickle.dictionary(
          (Pickle.text("k"), object + Pickle.dictionary((Pickle.text("l"), hidden)) + build))
        + build, "x.k.l"
    ),
    (
      "the attributes of a dictionary",
      Pickle.emptyDictionary + Pickle.dictionary((Pickle.text("a"), hidden)) + build, "x.a"
    ),
    ("a storage without a tensor", object + Pickle.storage("1", 2) + build, "x"),
  ]

  @Test("a tensor in an object or an attribute is left aside with its name and bytes", arguments: holders)
  func hidden(_ name: String, _ value: [UInt8], _ tensor: String) throws {
    let source = try open(("w", Self.tensor), ("x", value))
    #expect(source.tensors.map(\.name) == ["w"])
    #expect(source.leftAside == [LeftAside(.hiddenTensors, names: [tensor], bytes: 8)])
  }

  @Test("a tensor with attributes is a tensor, and the tensors among them are left aside")
  func attributes() throws {
    let state = Pickle.dictionary((Pickle.text("scale"), Self.hidden))
    let arguments = Pickle.tuple(
      Pickle.storage("0", 6), Pickle.integer(0), Pickle.sizes([6]), Pickle.sizes([1]), [0x89],
      Pickle.emptyDictionary)
    let function = Pickle.global("torch._utils", "_rebuild_tensor_v2")
    for kind in [("torch", "Tensor"), ("torch.nn.parameter", "Parameter")] {
      let value =
        Pickle.global("torch._tensor", "_rebuild_from_type_v2")
        + Pickle.tuple(function, Pickle.global(kind.0, kind.1), arguments, state) + Pickle.reduce
      let source = try open(("w", value))
      #expect(try source.bytes(of: source.tensors[0]) == Self.storage)
      #expect(source.leftAside == [LeftAside(.hiddenTensors, names: ["w.scale"], bytes: 8)])
    }
    let parameter =
      Pickle.global("torch._utils", "_rebuild_parameter_with_state")
      + Pickle.tuple(Self.tensor, [0x88], Pickle.emptyDictionary, state) + Pickle.reduce
    #expect(
      try open(("w", parameter)).leftAside
        == [LeftAside(.hiddenTensors, names: ["w.scale"], bytes: 8)])
  }

  private static func fromType(_ function: [UInt8], _ kind: [UInt8]) -> [UInt8] {
    let arguments = Pickle.tuple(
      Pickle.storage("0", 6), Pickle.integer(0), Pickle.sizes([6]), Pickle.sizes([1]), [0x89],
      Pickle.emptyDictionary)
    return Pickle.global("torch._tensor", "_rebuild_from_type_v2")
      + Pickle.tuple(function, kind, arguments, Pickle.none) + Pickle.reduce
  }

  private static let needed: [(name: String, value: [UInt8], global: String)] = [
    (
      "a class of its own",
      fromType(Pickle.global("torch._utils", "_rebuild_tensor_v2"), class_), "a.B"
    ),
    (
      "a function of its own",
      fromType(Pickle.global("os", "system"), Pickle.global("torch", "Tensor")), "os.system"
    ),
    (
      "a storage of its own",
      Pickle.tensor(class_ + Pickle.emptyTuple + Pickle.reduce, shape: [6], strides: [1]), "a.B"
    ),
    (
      "a parameter of what would be a tensor",
      Pickle.global("torch._utils", "_rebuild_parameter")
        + Pickle.tuple(object, [0x88], Pickle.emptyDictionary) + Pickle.reduce, "a.B"
    ),
    (
      "a function that is given a storage",
      class_ + Pickle.tuple(Pickle.storage("0", 6), Pickle.integer(0)) + Pickle.reduce, "a.B"
    ),
    (
      "a tensor that nothing rebuilds",
      Pickle.global("torch", "Tensor") + Pickle.emptyTuple + newObject, "torch.Tensor"
    ),
  ]

  @Test("a tensor that only an unknown class or function would give is refused by its name", arguments: needed)
  func refused(_ name: String, _ value: [UInt8], _ global: String) {
    let message =
      "the tensor “w” needs “\(global)”, a tensor of a class of its own; save plain tensors"
    #expect(refusal { _ = try open(("w", value), ("v", Self.tensor)) } == message)
    // Not where it is not among the weights.
    #expect(
      refusal {
        _ = try open(
          ("model", Pickle.dictionary((Pickle.text("w"), Self.tensor))),
          ("optimizer", Pickle.dictionary((Pickle.text("w"), value))))
      } == nil)
  }

  @Test("weights in an object are refused by its name, not replaced by what lies beside it")
  func weightsInObject() {
    let model = Self.object + Pickle.dictionary((Pickle.text("w"), Self.hidden)) + Self.build
    let beside = Pickle.dictionary((Pickle.text("mean"), Self.tensor))
    func wayOut(_ name: String) -> String {
      "an object of “a.B”, which is not run here; where you trust it and have its classes, save its weights: torch.save(torch.load(FILE, map_location='cpu', weights_only=False)['\(name)'].state_dict(), NEW)"
    }
    #expect(
      refusal { _ = try open(("model", model), ("statistics", beside)) }
        == "the tensors lie in “model”, \(wayOut("model"))")
    #expect(
      refusal { _ = try open(("net", model)) } == "the tensors lie in “net”, \(wayOut("net"))")
    #expect(
      refusal { _ = try open(("x", Self.object)) }
        == "the pickle holds no tensors; it would run “a.B”, which is not done here")
  }

  @Test("objects that hold each other many times are looked at once")
  func laughs() throws {
    // What is put into the memo is dropped from the stack; the last one comes back.
    let drop: [UInt8] = [0x30]
    var value = Self.object + Pickle.put(0) + Self.hidden + Pickle.append + drop
    for level in 1..<200 {
      value += Self.object + Pickle.put(level)
      for _ in 0..<10 { value += Pickle.get(level - 1) + Pickle.append }
      value += drop
    }
    value += Pickle.get(199)
    let source = try open(("w", Self.tensor), ("x", value))
    #expect(source.leftAside == [LeftAside(.hiddenTensors, names: ["x"], bytes: 8)])
  }

  @Test("dictionaries that are made of one long list many times end in a sentence")
  func pairs() {
    let pair = Pickle.tuple(Pickle.none, Pickle.none)
    var value = Pickle.emptyList + Pickle.put(1) + Pickle.mark
    for _ in 0..<100_000 { value += [0x4E, 0x4E, 0x86] }
    value += [0x65] + Pickle.global("collections", "OrderedDict") + Pickle.put(2)
    for _ in 0..<22 {
      value += [0x30] + Pickle.get(2) + Pickle.get(1) + [0x85] + Pickle.reduce
    }
    let message = refusal { _ = try open(("w", pair), ("x", Pickle.mark + value + [0x74])) }
    #expect(
      message?.hasSuffix("the pickle has more than 2097152 pairs that dictionaries are made of")
        == true)
  }
}
