import TestSupport
import Testing

@testable import HymbaFormat

@Suite("What HDF5 files hold beside tensors")
struct HDF5LeftAsideTests {
  @Test("texts, structures, references and the like are left aside by their paths")
  func mixed() throws {
    let source = try HDF5Source(HDF5Fixture.path("mixed.h5"))
    #expect(source.tensors.map(\.name) == ["model.w"])
    #expect(source.leftAside.map(\.kind) == [.notTensors])
    #expect(
      source.leftAside.first?.names.sorted() == [
        "/blob", "/kind", "/model/compressed", "/model/fixed", "/model/words", "/nothing",
        "/ragged", "/record", "/reference", "/title",
      ])
    // The sum of h5py's storage sizes: references and records as HDF5 stores them, without the texts of varying length.
    #expect(source.leftAside.first?.bytes == 210)
    #expect(source.keptBytes == source.files[0].bytes - 210)
  }

  @Test(
    "the state of training in Keras's files is left aside and measured",
    arguments: [
      ("legacy.h5", "/optimizer_weights/adam/"), ("state.weights.h5", "/optimizer/vars/"),
    ])
  func training(_ file: String, _ group: String) throws {
    let source = try HDF5Source(HDF5Fixture.path("keras/" + file))
    #expect(source.tensors.count == 4)
    let state = try #require(source.leftAside.first { $0.kind == .trainingState })
    #expect(state.names.count == 10)
    #expect(state.names.allSatisfy { $0.hasPrefix(group) })
    // A number of steps and a learning rate in four bytes each, and two floats for each of the 17 parameters.
    #expect(state.bytes == 2 * 4 * 17 + 8)
    #expect(source.keptBytes <= source.files[0].bytes - state.bytes)
  }

  @Test("a file with nothing but the state of training is refused")
  func onlyTraining() {
    #expect(
      message { _ = try HDF5Source(HDF5Fixture.path("keras/sharded_00001.weights.h5")) }
        == "the HDF5 file holds the state of training (“/optimizer/vars/2”) and no weights")
  }

  @Test("attributes of the root that a container could not hold, or that are no text, are left aside")
  func attributes() throws {
    let source = try HDF5Source(HDF5Fixture.path("odd-attributes.h5"))
    #expect(source.metadata == ["kept": "text", "caf\u{e9}": "1", "cafe\u{301}": "2"])
    #expect(
      source.leftAside.first?.names.sorted { $0.utf8Precedes($1) } == [
        "an attribute with an invalid name", "attribute epoch", "attribute latin", "attribute many", "attribute marks",
      ])
    for remark in source.remarks { #expect(!remark.hasTooManyMarks) }
  }

  @Test("configurations and numbers at the root are named, and those in another place, too")
  func configurations() throws {
    #expect(
      try HDF5Source(HDF5Fixture.path("flat.h5")).leftAside
        == [
          // h5py's storage sizes: an integer, and the reference to a text.
          LeftAside(
            .notTensors, names: ["attribute epoch", "attribute model_config"], bytes: 8 + 16)
        ])
    #expect(
      try HDF5Source(HDF5Fixture.path("attributes.h5")).leftAside.map(\.names)
        == [
          [
            "attributes that are stored apart",
            "attribute \(String(repeating: "a", count: 300)) of /b", "attribute c of /b",
          ]
        ])
    #expect(try HDF5Source(HDF5Fixture.path("keras2-weights.h5")).leftAside.isEmpty)
  }
}
