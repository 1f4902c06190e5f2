import HymbaFormat
import TestSupport
import Testing

@testable import HymbaConversion

/// Which weights a folder means, and what is said of a folder without any.
@Suite("Opening folders")
struct FolderOpeningTests {
  static let sharded = Fixture.folder("hymba-nvidia-small-sharded")
  static let tiny = Fixture.folder("hymba-nvidia-tiny")
  static let expected =
    "the folder holds none of model.safetensors.index.json, model.safetensors, pytorch_model.bin.index.json and pytorch_model.bin; "

  func open(_ path: String, layout: String? = nil) throws -> OpenedModel {
    try OpenedModel.open(ModelInput(paths: [path]), OpeningOptions(layout: layout))
  }

  func failure(_ body: () throws -> Void) -> (message: String, kind: FailureKind?) {
    do {
      try body()
      return ("opened", nil)
    } catch { return ("\(error)", (error as? any Diagnosis)?.kind) }
  }

  func fingerprint(_ path: String) throws -> SHA256Digest {
    try Fingerprint.compute(of: open(path).parameters, jobs: 2)
  }

  /// A folder with links to files of a recorded one.
  func folder(_ source: String, without left: Set<String> = []) throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    for name in try FileSystem.entries(of: source) where !left.contains(name) {
      try folder.link(name, to: source + "/" + name)
    }
    return folder
  }

  static let index = "model.safetensors.index.json"
  static let shards = (1...4).map { "model-0000\($0)-of-00004.safetensors" }

  @Test("all shards without an index are taken with a note, and a missing one is named")
  func noIndex() throws {
    let whole = try folder(Self.sharded, without: [Self.index])
    #expect(
      try open(whole.path).assumptions == [
        "there is no index: all 4 shards \(Self.shards[0]) to \(Self.shards[3]) are taken"
      ])
    #expect(try fingerprint(whole.path) == fingerprint(Self.sharded))
    let cut = try folder(Self.sharded, without: [Self.index, Self.shards[1]])
    let found = failure { _ = try open(cut.path) }
    #expect(
      found.message
        == "\(cut.path): 3 of 4 shards are in the folder; \(Self.shards[1]) is missing")
    #expect(found.kind == .noInput)
    let two = try folder(Self.sharded, without: [Self.index, Self.shards[1], Self.shards[3]])
    #expect(
      failure { _ = try open(two.path) }.message
        == "\(two.path): 2 of 4 shards are in the folder; \(Self.shards[1]) and \(Self.shards[3]) are missing")
    let indexed = try folder(Self.sharded, without: [Self.shards[1], Self.shards[3]])
    #expect(
      failure { _ = try open(indexed.path) }.message
        == "\(indexed.file(Self.index)): the index names \(Self.shards[1]) and \(Self.shards[3]), which are not there")
  }

  @Test("one shard alone is named as one, and opens under its own names")
  func oneShard() throws {
    let path = Self.sharded + "/" + Self.shards[1]
    let found = failure { _ = try open(path) }
    #expect(
      found.message
        == "\(path): this is shard 2 of 4 of a model: name the folder that holds them, \(Self.sharded), or all shards"
    )
    #expect(found.kind == .wrong)
    #expect(
      try open(path, layout: "verbatim").parameters.tensors.count
        == SafetensorsSource(path).tensors.count)
  }

  @Test("a link that leads nowhere is no input, and is named with what it says")
  func deadLink() throws {
    let folder = try TemporaryFolder()
    try folder.link("model.safetensors", to: "../blobs/gone")
    let found = failure { _ = try open(folder.path) }
    #expect(
      found.message
        == "\(folder.file("model.safetensors")): is a link to ../blobs/gone, which is not there")
    #expect(found.kind == .noInput)
    try folder.link("loop", to: "loop")
    let loop = failure { _ = try open(folder.file("loop")) }
    #expect(loop.message == "\(folder.file("loop")): is a link that leads back to itself")
    #expect(loop.kind == .noInput)
  }

  // MARK: Hugging Face's cache

  @Test("a model's folder in the cache of Hugging Face is its snapshot")
  func cache() throws {
    let folder = try TemporaryFolder()
    let model = "models--nvidia--Hymba-Tiny"
    for snapshot in ["abc", "def"] {
      try folder.makeFolder("\(model)/snapshots/\(snapshot)")
      for name in ["config.json", "model.safetensors"] {
        try folder.link("\(model)/snapshots/\(snapshot)/\(name)", to: Self.tiny + "/" + name)
      }
      if snapshot == "abc" {
        #expect(try open(folder.file(model)).location == folder.file("\(model)/snapshots/abc"))
      }
    }
    let found = failure { _ = try open(folder.file(model)) }
    #expect(
      found.message
        == "\(folder.file(model)): this is a cache of Hugging Face with 2 snapshots and no refs/main that names one of them; name one: abc, def in \(folder.file(model))/snapshots"
    )
    try folder.makeFolder("\(model)/refs")
    try folder.write("def\n", to: "\(model)/refs/main")
    #expect(try open(folder.file(model)).location == folder.file("\(model)/snapshots/def"))
    for path in [model, model + "/snapshots/def"] {
      #expect(ModelInput(paths: [folder.file(path)]).name == "Hymba-Tiny")
    }
    #expect(
      failure { _ = try open(folder.path) }.message
        == "\(folder.path): \(Self.expected)its folder \(model) holds weights: name that")
  }

  // MARK: Folders without weights

  @Test(
    "a folder without weights says what it holds and what to do",
    arguments: [
      ([], "it is empty"),
      (["model.nx"], "it holds model.nx: name that file"),
      (["a.pt", "b.hymba", "training_args.bin"], "it holds a.pt and b.hymba: name one of them"),
      (
        ["readme.md"], "it holds readme.md, which is no checkpoint by its name; name a checkpoint file"
      ),
      (
        ["a", "b", "c", "d", "e"],
        "it holds a, b, c, d and 1 more, none of which is a checkpoint by its name; name a checkpoint file"
      ),
      (
        ["config.json"],
        "it holds config.json and no weights: copy or download the weights into it, or name the file with the weights"
      ),
      (
        ["build_opts.json", "readme.md"],
        "it holds build_opts.json and no weights: copy or download the weights into it, or name the file with the weights"
      ),
      (["config.json", "m.bin"], "it holds m.bin: name that file"),
      (
        ["step-1/model.safetensors", "step-2/pytorch_model.bin", "logs/x"],
        "its folders step-1 and step-2 hold weights: name one of them"
      ),
    ])
  func contents(_ files: [String], _ contents: String) throws {
    let folder = try folder(files)
    let found = failure { _ = try open(folder.path) }
    #expect(found.message == "\(folder.path): \(Self.expected)\(contents)")
    #expect(found.kind == .unreadable)
  }

  private func folder(_ files: [String]) throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    for file in files {
      if file.contains("/") { try folder.makeFolder(FileSystem.folder(of: file)) }
      try folder.write("x", to: file)
    }
    return folder
  }

  @Test(
    "folders of other programs are named with the way out",
    arguments: [
      (
        ["adapter_config.json", "adapter_model.safetensors"],
        "a folder with an adapter, not a model: merge it into its base model first"
      ),
      (
        [".metadata", "__0_0.distcp"],
        "a distributed checkpoint of PyTorch: make one file of it with python -m torch.distributed.checkpoint.format_utils dcp_to_torch FOLDER FILE.pt, and name that"
      ),
      (
        ["_METADATA", "d/0"],
        "an Orbax checkpoint of JAX: restore it in Python and save its arrays with numpy.savez or as safetensors"
      ),
      (
        ["model.index", "model.data-00000-of-00001"],
        "a checkpoint of TensorFlow: load it in Python and save its weights as .weights.h5 or as safetensors"
      ),
      (
        ["a.npy", "b.npy"],
        "an unpacked .npz or a folder of single arrays: pack it, within the folder, with zip -0 ../arrays.npz *.npy, and name arrays.npz"
      ),
    ])
  func otherPrograms(_ files: [String], _ kind: String) throws {
    let folder = try folder(files)
    #expect(failure { _ = try open(folder.path) }.message == "\(folder.path): this is \(kind)")
  }

  @Test("a folder of GGUF files says which can be named")
  func gguf() throws {
    let found = try folder(["config.json", "m-Q4_K.gguf"])
    #expect(failure { _ = try open(found.path) }.message.hasSuffix("it holds m-Q4_K.gguf: name that file"))
    let both = try folder(["m.gguf", "m.nx"])
    #expect(failure { _ = try open(both.path) }.message.hasSuffix("it holds m.gguf and m.nx: name one of them"))
  }
}
