import HymbaFormat
import HymbaModel
import TestSupport
import Testing

@testable import HymbaConversion

/// The number of heads is in no tensor's shape; `edifice-hymba-tiny` has 2, and 4 is assumed.
@Suite("Assumed options")
struct AssumedOptionTests {
  private let options = Fixture.path("edifice-hymba-tiny", "build_opts.json")

  /// A container of the bare file, made without a configuration.
  private func container(in folder: TemporaryFolder) throws -> String {
    // Alone, as a configuration beside it would be read.
    let bare = try InputFile.contents(
      of: Fixture.path("edifice-hymba-tiny", "bare.nx"), limit: 1 << 20)
    let path = folder.file("assumed.hymba")
    try write(FamilyFixture.open(folder.write(bare, to: "bare.nx")), to: path)
    return path
  }

  private func write(_ model: OpenedModel, to path: String) throws {
    try ContainerWriter(compression: .zstd, jobs: 1, replace: false, creator: "test")
      .write(model.parameters, model.description, to: path)
  }

  private func heads(_ model: OpenedModel) -> Int? {
    model.architecture?.layers.first?.attention?.heads
  }

  @Test("what a container assumed yields to a configuration, and the next container knows it")
  func yields() throws {
    let folder = try TemporaryFolder()
    let path = try container(in: folder)
    let assumed = try FamilyFixture.open(path)
    #expect(heads(assumed) == 4 && AssumedOption.names(in: assumed.assumptions) == ["num_heads"])

    let known = try FamilyFixture.open(path, configuration: options)
    #expect(heads(known) == 2 && AssumedOption.names(in: known.assumptions) == [])
    #expect(known.description.configuration?.origin == "build_opts.json")
    #expect(try EdificeFamily().spec(of: known)?["build_opts"]?["num_heads"] == .integer(2))
    try write(known, to: folder.file("known.hymba"))
    #expect(try heads(FamilyFixture.open(folder.file("known.hymba"))) == 2)
  }

  @Test("an architecture says it as well, and a configuration that says the same makes it known")
  func otherWays() throws {
    let folder = try TemporaryFolder()
    let path = try container(in: folder)
    let right = try FamilyFixture.open(path, configuration: options)
    let architecture = try folder.write(
      try #require(right.architecture).json, to: "architecture.json")
    #expect(try heads(FamilyFixture.open(path, configuration: architecture)) == 2)
    let same = try folder.write(
      #"{"embed_dim":12,"hidden_size":8,"state_size":4,"num_layers":2,"num_heads":4,"num_meta_tokens":3}"#,
      to: "same.json")
    let model = try FamilyFixture.open(path, configuration: same)
    #expect(heads(model) == 4 && AssumedOption.names(in: model.assumptions) == [])
    // One that does not say it settles nothing.
    let silent = try folder.write(
      #"{"embed_dim":12,"hidden_size":8,"state_size":4,"num_layers":2,"num_meta_tokens":3}"#,
      to: "silent.json")
    #expect(
      try AssumedOption.names(
        in: FamilyFixture.open(path, configuration: silent).assumptions) == ["num_heads"])
  }

  @Test("what is known does not yield")
  func known() throws {
    let folder = try TemporaryFolder()
    let path = try container(in: folder)
    let other = try folder.write(
      #"{"embed_dim":12,"hidden_size":8,"state_size":4,"num_layers":2,"num_heads":2,"num_meta_tokens":5}"#,
      to: "other.json")
    #expect(
      FamilyFixture.message(opening: path, configuration: other).hasPrefix(
        "the container and other.json disagree: "))
    try write(FamilyFixture.open(path, configuration: options), to: folder.file("known.hymba"))
    let four = try folder.write(
      #"{"embed_dim":12,"hidden_size":8,"state_size":4,"num_layers":2,"num_heads":4,"num_meta_tokens":3}"#,
      to: "four.json")
    #expect(
      FamilyFixture.message(opening: folder.file("known.hymba"), configuration: four).hasPrefix(
        "the container and four.json disagree: "))
  }

  @Test("of two configurations the one that gives the number of heads is right, whichever it is")
  func besides() throws {
    let folder = try TemporaryFolder()
    let path = folder.file("model.nx")
    try folder.write(
      InputFile.contents(of: Fixture.path("edifice-hymba-tiny", "bare.nx"), limit: 1 << 20),
      to: "model.nx")
    let silent =
      #"{"embed_dim":12,"hidden_size":8,"state_size":4,"num_layers":2,"num_meta_tokens":3}"#
    try folder.write(silent, to: "build_opts.json")
    let chosen = try FamilyFixture.open(path, configuration: options)
    #expect(heads(chosen) == 2 && AssumedOption.names(in: chosen.assumptions) == [])
    let besides = try TemporaryFolder()
    try besides.write(
      InputFile.contents(of: path, limit: 1 << 20), to: "model.nx")
    try besides.write(InputFile.contents(of: options, limit: 1 << 20), to: "build_opts.json")
    let model = try FamilyFixture.open(
      besides.file("model.nx"), configuration: folder.file("build_opts.json"))
    #expect(heads(model) == 2 && AssumedOption.names(in: model.assumptions) == [])
  }
}
