import HymbaFormat
import TestSupport
import Testing

@Suite("Sharded checkpoint")
struct ShardedSourceTests {
  /// `a` and `c` in the first shard, `b` in the second.
  private static func shards(_ folder: TemporaryFolder) throws {
    try folder.write(
      safetensors(
        #"{"__metadata__":{"k":"first","x":"1"},"c":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"a":{"dtype":"I16","shape":[1],"data_offsets":[1,3]}}"#,
        [1, 2, 3]), to: "model-1.safetensors")
    try folder.write(
      safetensors(
        #"{"__metadata__":{"k":"second","y":"2"},"b":{"dtype":"U8","shape":[2],"data_offsets":[0,2]}}"#,
        [4, 5]),
      to: "model-2.safetensors")
  }

  private static let index =
    #"{"metadata":{"total_size":5},"weight_map":{"a":"model-1.safetensors","b":"model-2.safetensors","c":"model-1.safetensors"}}"#

  private func open(_ index: String, _ prepare: (TemporaryFolder) throws -> Void = { _ in }) throws
    -> ShardedSource
  {
    let folder = try TemporaryFolder()
    try Self.shards(folder)
    try prepare(folder)
    return try ShardedSource(index: folder.write(index, to: "model.safetensors.index.json"))
  }

  /// The message, without the folder.
  private func problem(_ index: String, _ prepare: (TemporaryFolder) throws -> Void = { _ in })
    throws -> String?
  {
    let folder = try TemporaryFolder()
    try Self.shards(folder)
    try prepare(folder)
    let path = try folder.write(index, to: "model.safetensors.index.json")
    return message { _ = try ShardedSource(index: path) }?.replacing(folder.path + "/", with: "")
  }

  @Test("the tensors of all shards are one checkpoint")
  func reading() throws {
    let folder = try TemporaryFolder()
    try Self.shards(folder)
    let source = try ShardedSource(
      index: folder.write(Self.index, to: "model.safetensors.index.json"))
    #expect(source.tensors.map(\.name) == ["c", "a", "b"])
    #expect(try source.tensors.map { try source.bytes(of: $0) } == [[1], [2, 3], [4, 5]])
    #expect(source.files.map(\.name) == ["model-1.safetensors", "model-2.safetensors"])
    #expect(
      source.metadata == ["k": "first", "x": "1", "y": "2"], "the first shard's value counts")
    #expect(source.location == folder.file("model.safetensors.index.json"))
  }

  @Test("symbolic links to shards are followed, as in the cache of Hugging Face")
  func links() throws {
    let source = try TemporaryFolder()
    try Self.shards(source)
    let folder = try TemporaryFolder()
    for name in ["model-1.safetensors", "model-2.safetensors"] {
      try folder.link(name, to: source.file(name))
    }
    let sharded = try ShardedSource(index: folder.write(Self.index, to: "i.json"))
    #expect(try sharded.tensors.map { try sharded.bytes(of: $0) } == [[1], [2, 3], [4, 5]])
  }

  @Test("a missing shard is named")
  func missingShard() throws {
    #expect(
      try problem(Self.index.replacing("\"b\":\"model-2.", with: "\"b\":\"model-3."))
        == "model.safetensors.index.json: the index names the file “model-3.safetensors”, which is not there"
    )
  }

  @Test(
    "index and shards must agree both ways",
    arguments: [
      (
        #"{"weight_map":{"a":"model-1.safetensors","b":"model-2.safetensors"}}"#,
        "model-1.safetensors holds the tensor “c”, which the index does not name there"
      ),
      (
        #"{"weight_map":{"a":"model-1.safetensors","b":"model-2.safetensors","c":"model-1.safetensors","d":"model-2.safetensors"}}"#,
        "the index puts the tensor “d” into model-2.safetensors, which does not have it"
      ),
      (
        #"{"weight_map":{"a":"model-1.safetensors","b":"model-2.safetensors","c":"model-2.safetensors"}}"#,
        "the index puts the tensor “c” into model-2.safetensors, but it is in model-1.safetensors"
      ),
    ])
  func disagreement(_ index: String, _ text: String) throws {
    #expect(try problem(index) == "model.safetensors.index.json: " + text)
  }

  @Test("a tensor in two shards is refused")
  func twice() throws {
    let copy = safetensors(
      #"{"b":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},"d":{"dtype":"U8","shape":[0],"data_offsets":[0,0]}}"#,
      [4, 5])
    #expect(
      try problem(Self.index.replacing("}}", with: ",\"d\":\"model-3.safetensors\"}}")) {
        try $0.write(copy, to: "model-3.safetensors")
      }
        == "model.safetensors.index.json: the index puts the tensor “b” into model-2.safetensors, but it is in model-3.safetensors"
    )
    let folder = try TemporaryFolder()
    let path = try folder.write(copy, to: "x")
    let shard = try SafetensorsSource(path)
    #expect(
      message { _ = try ShardedSource(location: "x", shards: [shard, shard]) }
        == "the tensor “d” is listed twice")
  }

  @Test("a damaged shard is named")
  func damagedShard() throws {
    #expect(
      try problem(Self.index) { try $0.write([1, 2, 3], to: "model-2.safetensors") }
        == "model-2.safetensors: not a safetensors file: it has 3 bytes, and the header's length alone takes 8"
    )
  }

  @Test(
    "an index that names a path instead of a file is refused",
    arguments: [
      "../model-1.safetensors", "/etc/passwd", "a/b", "", ".", "..", "/\u{301}x", "a/\u{301}b",
    ])
  func paths(_ name: String) throws {
    #expect(
      try problem("{\"weight_map\":{\"a\":\"\(name)\"}}")
        == "model.safetensors.index.json: the index is not valid: it names the file “\(name)”, which is not a plain file name"
    )
  }

  @Test(
    "an index that is none is refused",
    arguments: [
      ("{}", "the index is not valid: it has no “weight_map” with tensors"),
      (#"{"weight_map":{}}"#, "the index is not valid: it has no “weight_map” with tensors"),
      (#"{"weight_map":[]}"#, "not valid JSON: expected an object at byte 14"),
      (#"{"weight_map":{"a":1}}"#, "not valid JSON: expected a string at byte 19"),
      (
        #"{"weight_map":{"a":"x","a":"y"}}"#,
        "not valid JSON: the key “a” is given twice at byte 23"
      ),
      ("{", "not valid JSON: the text ends early at byte 1"),
      ("{}1", "not valid JSON: text after the end at byte 2"),
    ])
  func noIndex(_ index: String, _ text: String) throws {
    #expect(try problem(index) == "model.safetensors.index.json: " + text)
  }

  @Test("a tensor that is not in it, and a range beyond one that is, are refused")
  func reads() throws {
    let source = try open(Self.index)
    let other = try TensorDescriptor(name: "other", type: .uint8, dimensions: [0])
    #expect(message { _ = try source.bytes(of: other) } == "there is no tensor “other”")
  }
}
