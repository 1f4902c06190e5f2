import TestSupport
import Testing

@testable import HymbaFormat

@Suite("Weights that Keras 3 saved in several files")
struct KerasShardTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func refusal(_ map: String, copying files: [String] = ["00000"]) throws -> String? {
    for file in files {
      let name = "sharded_\(file).weights.h5"
      try folder.write(HDF5Fixture.bytes("keras/" + name), to: name)
    }
    let path = try folder.write("{\"weight_map\": {\(map)}}", to: "m.weights.json")
    return message { _ = try ShardedSource(kerasIndex: path) }?
      .replacing(folder.path + "/", with: "")
  }

  @Test("they have the tensors of the same weights in one file, and its state of training is left aside")
  func read() throws {
    let sharded = try ShardedSource(
      kerasIndex: HDF5Fixture.path("keras/sharded.weights.json"))
    let whole = try HDF5Source(HDF5Fixture.path("keras/state.weights.h5"))
    #expect(Set(sharded.tensors) == Set(whole.tensors))
    for tensor in whole.tensors {
      #expect(try sharded.bytes(of: tensor) == whole.bytes(of: tensor))
    }
    #expect(
      try sharded.bytes(of: #require(sharded.tensors["layers.dense.vars.1"]))
        == [Float(100), 101, 102].littleEndianBytes)
    let state = sharded.leftAside.filter { $0.kind == .trainingState }
    #expect(state.flatMap(\.names).count == 10)
    // What Keras calls its layers.
    #expect(
      sharded.leftAside.filter { $0.kind != .trainingState }.flatMap(\.names).sorted() == [
        "attribute name of /layers/dense/vars", "attribute name of /layers/dense_1/vars", "attribute name of /vars",
      ])
    #expect(sharded.files.count == 3)
  }

  @Test("a group may be in one file, named without a list or a slash in front")
  func forms() throws {
    let file = "\"sharded_00000.weights.h5\""
    #expect(
      try refusal(
        "\"layers/dense/vars\": \(file), \"/layers/dense_1/vars\": [\(file)]") == nil)
    #expect(try refusal("\"/\": \(file)") == nil)
  }

  @Test("an index that does not agree with its files is refused")
  func disagreement() throws {
    let file = "[\"sharded_00000.weights.h5\"]"
    #expect(
      try refusal("\"/layers\": \(file), \"/nothing\": \(file)")
        == "m.weights.json: the index puts the tensor “/nothing” into sharded_00000.weights.h5, which does not have it"
    )
    #expect(
      try refusal("\"/layers/dense/vars\": \(file)")
        == "m.weights.json: sharded_00000.weights.h5 holds the tensor “/layers/dense_1/vars/0”, which the index does not name there"
    )
    #expect(
      try refusal("\"/layers\": [\"other.weights.h5\"]")
        == "m.weights.json: the index names the file “other.weights.h5”, which is not there")
    #expect(
      try refusal("\"/layers\": [\"../sharded_00000.weights.h5\"]")
        == "m.weights.json: the index is not valid: it names the file “../sharded_00000.weights.h5”, which is not a plain file name"
    )
    #expect(
      try refusal("") == "m.weights.json: the index is not valid: it has no “weight_map” with groups")
    #expect(
      try refusal("\"/optimizer/vars\": \"sharded_00001.weights.h5\"", copying: ["00001"])
        == "m.weights.json: the HDF5 file holds no dataset")
  }
}
