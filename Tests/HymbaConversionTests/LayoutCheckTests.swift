import HymbaFormat
import HymbaModel
import TestSupport
import Testing

@testable import HymbaConversion

@Suite("A layout held against a checkpoint")
struct LayoutCheckTests {
  private let folder: TemporaryFolder
  private static let config = Fixture.path("user-layout", "config.json")

  init() throws { folder = try TemporaryFolder() }

  /// The layout of the fixture with some of its text replaced.
  private func layout(_ changes: [(String, String)]) throws -> String {
    let bytes = try InputFile.contents(of: Fixture.path("user-layout", "plum.json"), limit: 1 << 20)
    var text = String(decoding: bytes, as: UTF8.self)
    for (old, new) in changes {
      try #require(text.contains(old), "\(old)")
      text = text.replacing(old, with: new)
    }
    return try folder.write(text, to: "changed.json")
  }

  private func check(
    _ changes: [(String, String)] = [], of path: String = Fixture.folder("user-layout")
  ) throws -> LayoutCheck {
    try LayoutCheck(layout(changes), ModelInput(paths: [path]), configuration: Self.config)
  }

  @Test("the parameters of the invented checkpoint are those that it was made of")
  func expected() throws {
    let model = try OpenedModel.open(
      ModelInput(paths: [Fixture.folder("user-layout")]),
      OpeningOptions(layout: Fixture.path("user-layout", "plum.json")))
    let expected = try SafetensorsSource(Fixture.path("user-layout", "expected.safetensors"))
    let inventory = try #require(model.inventory)
    #expect(Set(inventory.map(\.name)) == Set(expected.tensors.map(\.name)))
    for tensor in expected.tensors {
      #expect(model.parameters.tensors[tensor.name] == tensor)
      #expect(
        try model.parameters.bytes(of: tensor) == expected.bytes(of: tensor), "\(tensor.name)")
    }
    #expect(model.description.carried == ["plum.stage2.mask"])
  }

  @Test("a right layout balances and comes back bit for bit, all bytes compared")
  func right() throws {
    let check = try check()
    #expect(check.isBalanced && check.idleRules == [] && check.variant == "with plum.readout")
    #expect(check.account.usedTensors.count == 48 && check.account.filledParameters.count == 59)
    #expect(check.account.ledger.carried == ["plum.stage2.mask"])
    var compared = 0
    let roundTrip = try check.roundTrip { compared += $0 }
    let tensors = try SourceOpener.open(Fixture.folder("user-layout")).tensors
    #expect(roundTrip == .init(tensors: 49, bytes: tensors.totalBytes))
    #expect(compared == tensors.totalBytes && check.totalBytes == compared)
  }

  @Test("everything that is wrong is named at once, on both sides")
  func wrong() throws {
    let check = try check([
      ("layers.{layer}.mamba.D", "layers.{layer}.mamba.d"),
      (#""plum.stage{layer+1}.mask""#, #""plum.stage{layer+2}.mask""#),
      ("plum.final_scale", "plum.last_scale"),
      (#""query", "key", "value""#, #""key", "value", "query""#),
    ])
    #expect(!check.isBalanced)
    #expect(
      check.account.problems.unexpected == [
        "plum.final_scale", "plum.stage1.ssm.skip", "plum.stage3.ssm.skip",
      ])
    #expect(check.account.absentTensors == ["plum.last_scale"])
    #expect(
      check.account.unfilledParameters == [
        "layers.0.mamba.D", "layers.2.mamba.D", "final_norm.weight",
      ])
    #expect(
      check.account.problems.mismatched == [
        "plum.stage2.qkv.kernel does not become [8, 8], [4, 8], [4, 8] by the layout's steps"
      ])
    #expect(
      check.idleRules.map(check.layout.ruleLabel) == ["rule 14 (“plum.stage{layer+1}.ssm.skip”)"])
    #expect(check.account.ledger.carried == ["plum.stage2.mask"])
    #expect(throws: FileDiagnosis.self) { try check.roundTrip() }
  }

  @Test("a tensor that two rules read is named with the rules")
  func twice() throws {
    let check = try check([(".ssm.c_scale", ".ssm.b_scale")])
    #expect(
      check.account.problems.repeated == [
        "plum.stage1.ssm.b_scale (rules 11 and 12)", "plum.stage3.ssm.b_scale (rules 11 and 12)",
      ])
  }

  @Test("a step that fits neither the tensor nor the model is told, a size that a layer lacks too")
  func contradiction() throws {
    let check = try check([(#"{"unstack": "experts"}"#, #"{"unstack": "inner"}"#)])
    #expect(
      check.account.problems.mismatched.first
        == "the tensor “plum.stage1.mlp.up.kernel” has the shape [3, 6, 8], but the layout's step unstack 16 needs 16 along axis 0"
    )
    #expect(
      try self.check([(#", {"unstack": "experts"}"#, "")]).account.problems.mismatched.first
        == "the steps make 1 of “plum.stage1.mlp.up.kernel”, where 3 are needed")
    expect(
      throws:
        "\(folder.file("changed.json")): not a valid layout: rule 21 (“plum.stage{layer+1}.mlp.up.kernel”): the architecture has no size “heads” here"
    ) { try self.check([(#"{"unstack": "experts"}"#, #"{"unstack": "heads"}"#)]) }
  }

  @Test("copies that differ do not come back, and are named")
  func copies() throws {
    let source = try SourceOpener.open(Fixture.folder("user-layout"))
    let path = folder.file("other.safetensors")
    let readout = try #require(source.tensors["plum.readout"])
    var bytes = try source.bytes(of: readout)
    bytes[bytes.count - 1] ^= 1
    try SafetensorsWriter.write(
      MemorySource(copying: source, changing: ["plum.readout": bytes]), to: path, replace: false)
    let roundTrip = try check(of: path).roundTrip()
    #expect(
      Set(roundTrip.differences) == [
        "“plum.table” and “plum.readout” should be the same tensor, but their bytes differ"
      ])
  }

  @Test("a checkpoint without the signature, and a container, are refused with the way out")
  func refused() throws {
    let layout = Fixture.path("user-layout", "plum.json")
    expect(
      throws: FileDiagnosis(
        Fixture.folder("jamba-tiny"),
        ConversionError.layoutUnfit(
          "plum", absent: ["plum.table", "plum.stage1.pre_scale", "plum.stage{layer+1}.ssm.a_log"])
      ).description
    ) { try check(of: Fixture.folder("jamba-tiny")) }
    let path = folder.file("m.hymba")
    let model = try OpenedModel.open(
      ModelInput(paths: [Fixture.folder("user-layout")]), OpeningOptions(layout: layout))
    try ContainerWriter(compression: .none, jobs: 1, replace: false, creator: "test")
      .write(model.parameters, model.description, to: path)
    expect(
      throws:
        "\(path): this is a container, which has our own names whatever layout it was made with; check the checkpoint that it was made of"
    ) { try check(of: path) }
    // The same file, or its name alone, is the layout that the container knows.
    #expect(
      try OpenedModel.open(ModelInput(paths: [path]), OpeningOptions(layout: layout)).layout.name
        == "plum")
    expect(
      throws:
        "\(path): this container was made with the layout plum, which the layout edifice cannot change"
    ) { try OpenedModel.open(ModelInput(paths: [path]), OpeningOptions(layout: "edifice")) }
  }

  /// Expects an error with this text.
  private func expect(throws text: String, _ body: () throws -> Any) {
    do {
      _ = try body()
      Issue.record("nothing was thrown")
    } catch { #expect("\(error)" == text) }
  }
}
