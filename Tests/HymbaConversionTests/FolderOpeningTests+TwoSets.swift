import Foundation
import HymbaFormat
import TestSupport
import Testing

@testable import HymbaConversion

/// A folder with more than one set of weights: an index with its shards, and a single file.
extension FolderOpeningTests {
  @Test("of an index and a single file the index's shards are taken, and a note names both")
  func twoSets() throws {
    let folder = try folder(Self.sharded)
    try folder.link("model.safetensors", to: Self.tiny + "/model.safetensors")
    func note(_ state: String) -> [String] {
      [
        "two sets of weights are in the folder, and the shards of model.safetensors.index.json are taken, as vLLM takes them; transformers takes model.safetensors, \(state); name the one that you mean"
      ]
    }
    #expect(try open(folder.path).assumptions == note("which has other tensors"))
    #expect(try fingerprint(folder.path) == fingerprint(Self.sharded))
    let source = try ShardedSource(index: Self.sharded + "/" + Self.index)
    let names = try MemorySource(
      source.tensors.map { .init($0.name, .uint8, [1], [0]) })
    try SafetensorsWriter.write(names, to: folder.file("same"), replace: false)
    let same = try self.folder(Self.sharded)
    try same.link("model.safetensors", to: folder.file("same"))
    #expect(
      try open(same.path).assumptions
        == note("whose tensors have the same names and were not compared"))
    let dead = try self.folder(Self.sharded)
    try dead.link("model.safetensors", to: "gone")
    #expect(
      try open(dead.path).assumptions
        == note("which cannot be read (is a link to gone, which is not there)"))
  }

  @Test("an index that names the single file is one set of weights")
  func oneSet() throws {
    let folder = try folder(Self.tiny)
    let names = try SafetensorsSource(Self.tiny + "/model.safetensors").tensors.map(\.name)
    let map = names.map { "\"\($0)\":\"model.safetensors\"" }.joined(separator: ",")
    try folder.write("{\"weight_map\":{\(map)}}", to: Self.index)
    #expect(try open(folder.path).assumptions == [])
  }

  @Test("where the index's shards are missing, the single file is taken with a note")
  func missingShards() throws {
    let folder = try folder(Self.tiny)
    try folder.link(Self.index, to: Self.sharded + "/" + Self.index)
    #expect(
      try open(folder.path).assumptions == [
        "model.safetensors is taken, as model.safetensors.index.json cannot be: the index names model-00001-of-00004.safetensors, model-00002-of-00004.safetensors, model-00003-of-00004.safetensors and model-00004-of-00004.safetensors, which are not there"
      ])
    #expect(try fingerprint(folder.path) == fingerprint(Self.tiny))
  }

  @Test("where nothing else is whole, a missing shard is the error")
  func onlyMissingShards() throws {
    let folder = try folder(Self.sharded, without: [Self.shards[2]])
    try folder.write("cut", to: "model.safetensors")
    let found = failure { _ = try open(folder.path) }
    #expect(
      found.message
        == "\(folder.file(Self.index)): the index names the file “\(Self.shards[2])”, which is not there"
    )
    #expect(found.kind == .noInput)
  }

  @Test("PyTorch weights beside safetensors are a usual thing, and nothing is said of them")
  func bothFormats() throws {
    let folder = try folder(Self.tiny)
    try folder.write("whatever", to: "pytorch_model.bin")
    #expect(try open(folder.path).assumptions == [])
  }

  @Test("shards of safetensors that no index names are not passed over in silence for PyTorch's single file")
  func strayShardsOfSafetensors() throws {
    let folder = try TemporaryFolder()
    try folder.link("pytorch_model.bin", to: Fixture.path("torch", "state-dict.pt"))
    try folder.link(Self.shards[0], to: Self.sharded + "/" + Self.shards[0])
    let model = try OpenedModel.open(
      ModelInput(paths: [folder.path]), OpeningOptions(layout: "verbatim"))
    #expect(
      model.assumptions.first
        == "two sets of weights are in the folder: pytorch_model.bin, which is taken, and \(Self.shards[0]) and further shards without an index, which are not"
    )
  }

  @Test("shards without an index beside a single file are not taken, and a note says so")
  func strayShards() throws {
    let folder = try folder(Self.tiny)
    try folder.link(Self.shards[0], to: Self.sharded + "/" + Self.shards[0])
    #expect(
      try open(folder.path).assumptions == [
        "two sets of weights are in the folder: model.safetensors, which is taken, and \(Self.shards[0]) and further shards without an index, which are not"
      ])
  }

  // MARK: Failures

  private static let both =
    "two sets of weights are in the folder, and the shards of model.safetensors.index.json are taken, as vLLM takes them; transformers takes model.safetensors, which has other tensors; name the one that you mean"

  /// Puts a changed configuration in place of the link to it.
  private func change(_ folder: TemporaryFolder, _ option: String, to value: String) throws {
    let path = folder.file("config.json")
    let text = String(decoding: try InputFile.contents(of: path, limit: 1 << 20), as: UTF8.self)
    try FileManager.default.removeItem(atPath: path)
    let changed = text.replacing(try Regex("\"\(option)\": [^,\\n]*"), with: "\"\(option)\": \(value)")
    #expect(changed != text)
    try folder.write(changed, to: "config.json")
  }

  @Test("a failure behind two sets of weights names both, whatever fails")
  func failureOfTwoSets() throws {
    let folder = try folder(Self.sharded)
    try folder.link("model.safetensors", to: Self.tiny + "/model.safetensors")
    try change(folder, "num_attention_heads", to: "7")
    #expect(
      failure { _ = try open(folder.path) }.message
        == "\(folder.path): num_attention_heads is 7; expected a divisor of hidden_size, 64; note that \(Self.both)"
    )
    try change(folder, "num_attention_heads", to: "4")
    try change(folder, "vocab_size", to: "129")
    let found = failure { _ = try open(folder.path) }
    #expect(
      found.message
        == "\(folder.path): the tensors do not fit the model: 1 of another shape: model.embed_tokens.weight is [128, 64] instead of [129, 64]; note that \(Self.both)"
    )
    #expect(found.kind == .wrong)
    #expect(
      failure {
        _ = try LayoutCheck(
          "edifice", ModelInput(paths: [folder.path]), configuration: nil)
      }.message.hasSuffix("; note that \(Self.both)"))
  }

  @Test("a failure of weights that were taken for others says that they were")
  func failureOfFallback() throws {
    let folder = try folder(Self.tiny)
    try folder.link(Self.index, to: Self.sharded + "/" + Self.index)
    try change(folder, "vocab_size", to: "65")
    #expect(
      failure { _ = try open(folder.path) }.message.hasSuffix(
        "; note that model.safetensors is taken, as model.safetensors.index.json cannot be: the index names \(Self.shards[0]), \(Self.shards[1]), \(Self.shards[2]) and \(Self.shards[3]), which are not there"
      ))
  }

  @Test("beside damaged weights whole ones are named, and are not taken unasked")
  func damagedBesideWhole() throws {
    let folder = try folder(Self.sharded, without: [Self.shards[1]])
    let damaged = folder.file(Self.shards[1])
    try folder.write([UInt8](repeating: 0, count: 600), to: Self.shards[1])
    let damage =
      "\(damaged): not a checkpoint: it begins with nothing but zero bytes, as a file does whose download or copy was broken off; make, copy or download it again"
    #expect(failure { _ = try open(folder.path) }.message == damage)
    try folder.link("model.safetensors", to: Self.tiny + "/model.safetensors")
    let found = failure { _ = try open(folder.path) }
    #expect(
      found.message
        == "\(damage); note that the folder also holds model.safetensors, which opens: name that file to take it"
    )
    #expect(found.kind == .unreadable)
  }

  @Test("one file that is there under the names of two shards is said to hold what it should not")
  func sameShardTwice() throws {
    let folder = try folder(Self.sharded, without: [Self.shards[1]])
    try folder.link(Self.shards[1], to: Self.shards[0])
    let found = failure { _ = try open(folder.path) }
    #expect(
      found.message
        == "\(folder.file(Self.index)): the index puts the tensor “model.embed_tokens.weight” into \(Self.shards[0]), but it is in \(Self.shards[1])"
    )
    #expect(found.kind == .wrong)
    let paths = (Self.shards + [Self.shards[2]]).map { Self.sharded + "/" + $0 }
    #expect(
      failure { _ = try ModelInput.group(paths) }.message
        == "\(Self.sharded): the shard “\(Self.shards[2])” is given twice")
  }
}
