import HymbaCheckpoints
import HymbaFormat
import TestSupport
import Testing

@Suite struct PickleRefusalTests {
  static let pickles: [Refusal] = [
    .init("nothing", [], "at byte 0 the pickle ends early: 1 bytes were expected, and 0 are left"),
    .init(
      "no end", Pickle.proto,
      "at byte 2 the pickle ends early: 1 bytes were expected, and 0 are left"
    ),
    .init("protocol 6", [0x80, 6], "at byte 0 the pickle has protocol 6; 1 to 5 are known"),
    .init(
      "a long text", Pickle.proto + [0x8D] + ZipFile.little(-1, 8),
      "at byte 11 the pickle ends early: 9223372036854775807 bytes were expected, and 0 are left"
    ),
    .init(
      "text protocol", Array("(dp0\n.".utf8),
      "at byte 1 the pickle is of protocol 0, of which torch.load reads no tensors either; save the checkpoint again without pickle_protocol=0"
    ),
    .init(
      "a buffer elsewhere", Pickle.proto + [0x97],
      "at byte 2 the pickle has the opcode 151 (an out-of-band buffer), which torch.save does not write"
    ),
    .init(
      "no opcode", Pickle.proto + [0xFF],
      "at byte 2 the pickle has the opcode 255 (no opcode), which torch.save does not write"
    ),
    .init(
      "empty stack", Pickle.proto + Pickle.stop,
      "at byte 2 the pickle takes a value from an empty stack"
    ),
    .init(
      "a value from below the mark", Pickle.proto + Pickle.none + Pickle.mark + [0x85],
      "at byte 4 the pickle takes a value from an empty stack"
    ),
    .init(
      "no mark", Pickle.proto + [0x74], "at byte 2 the pickle goes back to a mark that was not set"),
    .init(
      "no memo", Pickle.proto + Pickle.get(7),
      "at byte 2 the pickle asks for entry 7 of its memo, which was not set"
    ),
    .init(
      "trailing bytes", Pickle.checkpoint() + [0],
      "at byte 4 the pickle is followed by 1 bytes that belong to nothing"
    ),
    .init(
      "os.system of protocol 0", Array("cos\nsystem\n(S'ls'\ntR.".utf8),
      "at byte 12 the pickle is of protocol 0, of which torch.load reads no tensors either; save the checkpoint again without pickle_protocol=0"
    ),
    .init(
      "an instance without a mark", Array("ios\nsystem\n".utf8),
      "at byte 0 the pickle goes back to a mark that was not set"
    ),
    .init(
      "an instance", Array("(ios\nsystem\n.".utf8),
      "the pickle holds an object of “os.system” and not a state dict; \(wayOut)"
    ),
    .init(
      "an object of protocol 1", Array("(cos\nsystem\no.".utf8),
      "the pickle holds an object of “os.system” and not a state dict; \(wayOut)"
    ),
    .init(
      "an object of protocol 1 without a class", Array("(o.".utf8),
      "at byte 1 the pickle takes a value from an empty stack"
    ),
    .init(
      "a global by its parts",
      Pickle.proto + Pickle.text("builtins") + Pickle.text("exec") + [0x93] + Pickle.emptyTuple
        + Pickle.reduce + Pickle.stop,
      "the pickle holds an object of “builtins.exec” and not a state dict; \(wayOut)"
    ),
    .init(
      "an object of a class",
      Pickle.proto + Pickle.global("a", "B") + Pickle.emptyTuple + [0x81] + Pickle.stop,
      "the pickle holds an object of “a.B” and not a state dict; \(wayOut)"
    ),
    .init(
      "an object of a class with keywords",
      Pickle.proto + Pickle.global("a", "B") + Pickle.emptyTuple + Pickle.emptyDictionary + [0x92]
        + Pickle.stop,
      "the pickle holds an object of “a.B” and not a state dict; \(wayOut)"
    ),
    .init(
      "an object of an extension",
      Pickle.proto + [0x83, 5, 1] + Pickle.emptyTuple + Pickle.reduce + Pickle.stop,
      "the pickle holds an object of “extension code 261” and not a state dict; \(wayOut)"
    ),
    .init(
      "a call of what a call returned",
      Pickle.proto + Pickle.global("a", "B") + Pickle.emptyTuple + Pickle.reduce
        + Pickle.emptyTuple + Pickle.reduce + Pickle.stop,
      "the pickle holds an object of “a.B” and not a state dict; \(wayOut)"
    ),
    .init(
      "a global without a name", Pickle.proto + Pickle.none + Pickle.none + [0x93],
      "at byte 4 the pickle needs the name of a class, but has None"
    ),
    .init(
      "a line without end", Pickle.proto + [0x63] + [UInt8](repeating: 65, count: 600),
      "at byte 3 the pickle names a class of more than 512 bytes"
    ),
    .init(
      "calling a text", Pickle.proto + Pickle.text("a") + Pickle.emptyTuple + Pickle.reduce,
      "at byte 9 the pickle needs a class or function to call, but has a text"
    ),
    .init(
      "a tensor of nothing",
      Pickle.proto + Pickle.global("torch._utils", "_rebuild_tensor_v2") + Pickle.emptyTuple
        + Pickle.reduce, "at byte 36 the pickle needs at least 1 arguments, but has 0"
    ),
    .init(
      "an OrderedDict of a text",
      Pickle.proto + Pickle.global("collections", "OrderedDict") + Pickle.tuple(Pickle.text("a"))
        + Pickle.reduce,
      "at byte 35 the pickle needs what a dictionary is made of, but has a text"
    ),
    .init(
      "an OrderedDict of no pairs",
      Pickle.proto + Pickle.global("collections", "OrderedDict")
        + Pickle.tuple(Pickle.emptyList + Pickle.none + Pickle.append) + Pickle.reduce,
      "at byte 32 the pickle needs a key with its value, but has None"
    ),
    .init(
      "appending to no list", Pickle.proto + Pickle.none + Pickle.none + Pickle.append,
      "at byte 4 the pickle needs a list, but has None"
    ),
    .init(
      "setting items of no dictionary", Pickle.proto + Pickle.emptyList + Pickle.mark + [0x75],
      "at byte 4 the pickle needs a dictionary, but has a list"
    ),
    .init(
      "a key without a value",
      Pickle.proto + Pickle.emptyDictionary + Pickle.mark + Pickle.none + [0x75],
      "at byte 5 the pickle needs keys with values, but has a key without one"
    ),
    .init(
      "building a list", Pickle.proto + Pickle.emptyList + Pickle.emptyDictionary + [0x62],
      "at byte 4 the pickle needs an object that a dictionary belongs to, but has a list"
    ),
    .init(
      "another persistent identifier",
      Pickle.proto + Pickle.tuple(Pickle.text("modulo"), Pickle.none, Pickle.none)
        + Pickle.persistentID,
      "at byte 17 the pickle needs the identifier of a storage, but has a text"
    ),
    .init(
      "a list", Pickle.proto + Pickle.emptyList + Pickle.stop,
      "the pickle holds a list and not a state dict; number what is in it: torch.save(dict(enumerate(torch.load(FILE, map_location='cpu', weights_only=False))), NEW)"
    ),
    .init(
      "no tensors", Pickle.checkpoint(("epoch", Pickle.integer(3))), "the pickle holds no tensors"),
    .init(
      "an optimizer alone",
      Pickle.checkpoint(
        ("epoch", Pickle.integer(3)),
        (
          "optimizer",
          Pickle.dictionary(
            (Pickle.text("state"), Pickle.emptyDictionary),
            (Pickle.text("param_groups"), Pickle.emptyList))
        )),
      "there are no weights, only the state of training in “optimizer”; name a checkpoint that holds the model's weights"
    ),
    .init(
      "a list in itself",
      Pickle.checkpoint(("a", Pickle.emptyList + Pickle.put(0) + Pickle.get(0) + Pickle.append)),
      "the pickle's dictionaries nest deeper than 16 levels, or hold themselves"
    ),
    .init(
      "marks", Pickle.proto + [UInt8](repeating: 0x28, count: 1 << 20 + 1),
      "at byte 1048578 the pickle has more than 1048576 marks"
    ),
    .init(
      "values on the stack", Pickle.proto + [UInt8](repeating: 0x4E, count: 1 << 20 + 1),
      "at byte 1048578 the pickle has more than 1048576 values on its stack"
    ),
    .init(
      "objects", Pickle.proto + [[UInt8]](repeating: [0x5D, 0x30], count: 1 << 21).flatMap(\.self) + [0x5D],
      "at byte 4194306 the pickle has more than 2097152 objects"
    ),
  ]

  private static let wayOut =
    "where you trust it and have its classes, save its weights: torch.save(torch.load(FILE, map_location='cpu', weights_only=False).state_dict(), NEW)"

  @Test("a pickle that is damaged or does more than a state dict is refused", arguments: pickles)
  func refused(_ pickle: Refusal) throws {
    #expect(try refusal(of: Pickle.archive(pickle.bytes)) == pickle.message)
  }

  @Test("lists that hold each other a billion times end in a sentence")
  func laughs() throws {
    // Nine lists of ten references to the one before.
    var pickle = Pickle.proto + Pickle.emptyList + Pickle.put(0)
    for level in 1..<10 {
      pickle += Pickle.emptyList + Pickle.put(level)
      for _ in 0..<10 { pickle += Pickle.get(level - 1) + Pickle.append }
    }
    let top = Pickle.emptyDictionary + Pickle.text("a") + Pickle.get(9) + Pickle.setItem
    #expect(
      try refusal(of: Pickle.archive(pickle + top + Pickle.stop))
        == "the pickle holds more than 1048576 values")
  }

  static let tensors: [Refusal] = [
    .init(
      "no entry", Pickle.tensor(Pickle.storage("9", 4), shape: [4], strides: [1]),
      "there is no entry “archive/data/9”, which holds the tensor “w”"
    ),
    .init(
      "a storage of another size", Pickle.tensor(Pickle.storage("0", 5), shape: [4], strides: [1]),
      "the entry “archive/data/0” has 16 bytes, but the tensor “w” needs 5 elements of F32 there"
    ),
    .init(
      "a storage beyond 63 bits",
      Pickle.tensor(Pickle.storage("0", Int.max / 2), shape: [4], strides: [1]),
      "the entry “archive/data/0” has 16 bytes, but the tensor “w” needs 4611686018427387903 elements of F32 there"
    ),
    .init(
      "one element too many", Pickle.tensor(Pickle.storage("0", 4), shape: [5], strides: [1]),
      "the tensor “w” of shape [5] with strides [1] from element 0 on reaches beyond its storage “archive/data/0”"
    ),
    .init(
      "an offset",
      Pickle.tensor(Pickle.storage("0", 4), offset: 1, shape: [2, 2], strides: [2, 1]),
      "the tensor “w” of shape [2, 2] with strides [2, 1] from element 1 on reaches beyond its storage “archive/data/0”"
    ),
    .init(
      "a negative offset",
      Pickle.tensor(Pickle.storage("0", 4), offset: -1, shape: [1], strides: [1]),
      "the tensor “w” of shape [1] with strides [1] from element -1 on reaches beyond its storage “archive/data/0”"
    ),
    .init(
      "a negative stride",
      Pickle.tensor(Pickle.storage("0", 4), offset: 3, shape: [2], strides: [-1]),
      "the tensor “w” of shape [2] with strides [-1] from element 3 on reaches beyond its storage “archive/data/0”"
    ),
    .init(
      "strides that overflow",
      Pickle.tensor(Pickle.storage("0", 4), shape: [3, 2], strides: [Int.max, Int.max]),
      "the tensor “w” of shape [3, 2] with strides [9223372036854775807, 9223372036854775807] from element 0 on reaches beyond its storage “archive/data/0”"
    ),
    .init(
      "fewer strides than dimensions",
      Pickle.tensor(Pickle.storage("0", 4), shape: [2, 2], strides: [1]),
      "the tensor “w” of shape [2, 2] with strides [1] from element 0 on reaches beyond its storage “archive/data/0”"
    ),
    .init(
      "a shape that overflows",
      Pickle.tensor(Pickle.storage("0", 4), shape: [Int.max, 2], strides: [0, 0]),
      "the shape [9223372036854775807, 2] of the tensor “w” has more elements than 63 bits count"
    ),
    .init(
      "too many dimensions",
      Pickle.tensor(
        Pickle.storage("0", 4), shape: [Int](repeating: 1, count: 40),
        strides: [Int](repeating: 1, count: 40)),
      "the shape [1, 1, 1, 1, 1, 1, 1, 1, …] of the tensor “w” has more than 32 dimensions"
    ),
    .init(
      "one number a billion times",
      Pickle.tensor(Pickle.storage("0", 4), shape: [1 << 30], strides: [0]), "bomb"
    ),
  ]

  @Test("a tensor that does not fit its storage is refused", arguments: tensors)
  func misfits(_ tensor: Refusal) throws {
    let storage: [UInt8] = Array(repeating: 0, count: 16)
    let zip = Pickle.archive(Pickle.checkpoint(("w", tensor.bytes)), [("0", storage)])
    let expected =
      tensor.message == "bomb"
      ? "it claims to hold 4294967296 bytes in a file of \(zip.bytes.count), more than 200 times its size; no trained weights do"
      : tensor.message
    #expect(try refusal(of: zip) == expected)
  }

  @Test("entries of the archive that are missing, too large or mean nothing are refused")
  func entries() throws {
    let pickle = Pickle.checkpoint()
    #expect(
      try refusal(of: ZipFile(.init("a/data.pkl", pickle), .init("b/data.pkl", pickle)))
        == "the archive has 2 entries data.pkl, and one checkpoint has one; unpack it and name one checkpoint"
    )
    #expect(
      try refusal(of: Pickle.archive(pickle, byteOrder: "middle"))
        == "the byte order is “middle”, and must be little or big")
    #expect(
      try refusal(of: Pickle.archive(pickle, byteOrder: String(repeating: "x", count: 17)))
        == "the entry “archive/byteorder” has 17 bytes; at most 16 are accepted")
    let large = ZipFile(
      .init("archive/data.pkl", [UInt8](repeating: 0, count: 1 << 20)) {
        $0.method = 8
        $0.contentBytes = 65 << 20
        $0.checksum = 0
      })
    #expect(
      try refusal(of: large)
        == "the entry “archive/data.pkl” has 68157440 bytes; at most 67108864 are accepted")
  }
}
