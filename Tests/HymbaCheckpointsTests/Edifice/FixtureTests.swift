import HymbaCheckpoints
import HymbaFormat
import TestSupport
import Testing

@Suite struct FixtureTests {
  @Test(arguments: EdificeFixture.all)
  func everyFormGivesTheTensorsOfTheSafetensorsFile(_ fixture: EdificeFixture) throws {
    let source = try EdificeSource(fixture.path)
    let reference = try SafetensorsSource(Fixture.path(fixture.set, "model.safetensors"))
    #expect(Set(source.tensors) == Set(reference.tensors))
    for tensor in source.tensors {
      #expect(try source.bytes(of: tensor) == reference.bytes(of: tensor), "\(tensor.name)")
    }
  }

  @Test(arguments: EdificeFixture.tiny)
  func anyRangeOfATensorIsReadInAnyOrder(_ fixture: EdificeFixture) throws {
    let source = try EdificeSource(fixture.path)
    for tensor in source.tensors.reversed() {
      let whole = try source.bytes(of: tensor)
      for range in [0..<1, whole.count / 2..<whole.count, 3..<4, 0..<0] {
        #expect(try source.bytes(of: tensor, range) == Array(whole[range]))
      }
    }
  }

  @Test(arguments: EdificeFixture.tiny.dropLast())
  func theSpecIsTheConfiguration(_ fixture: EdificeFixture) throws {
    let source = try EdificeSource(fixture.path)
    let document = try #require(source.embeddedConfiguration)
    #expect(document.origin == "the spec in \(fixture.file)")
    #expect(
      document.text == """
        {"arch":"hymba","build_opts":{"embed_dim":12,"hidden_size":8,"input_dim":12,"input_size":12,\
        "num_heads":2,"num_layers":2,"num_meta_tokens":3,"obs_size":12,"state_size":4,"window_size":7}}
        """)
  }

  @Test func theMetadataHoldsTheSpecsVersionsAndWhatElseIsPlain() throws {
    let source = try EdificeSource(EdificeFixture.stored.path)
    #expect(
      source.metadata == [
        "architecture": "hymba", "epoch": "5", "loss": "0.042", "edifice_version": "0.2.0",
        "nx_version": "0.9.2", "created_at": "2025-11-24T02:30:00.123456Z", "external": "false",
      ])
  }

  @Test func aBareFileHasNoMetadataAndNoConfiguration() throws {
    let source = try EdificeSource(EdificeFixture.bare.path)
    #expect(source.metadata.isEmpty)
    #expect(source.embeddedConfiguration == nil)
  }

  @Test func theSourceNamesItsFile() throws {
    let path = EdificeFixture.stored.path
    let source = try EdificeSource(path)
    #expect(source.location == path)
    #expect(source.files == [SourceFile(name: "model.nx", bytes: 20547)])
  }

  @Test(arguments: EdificeFixture.all)
  func everyFormIsRecognised(_ fixture: EdificeFixture) throws {
    let bytes = try fixture.bytes
    #expect(EdificeSource.isEdifice(prefix: Array(bytes.prefix(16)), fileBytes: bytes.count))
  }

  @Test func aMissingFileIsRefused() throws {
    let error = #expect(throws: FormatError.self) {
      try EdificeSource(Fixture.path("edifice-hymba-tiny", "none.nx"))
    }
    #expect(error == .notFound)
  }
}
