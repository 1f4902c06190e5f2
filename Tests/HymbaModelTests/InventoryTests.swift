import HymbaFormat
import TestSupport
import Testing

@testable import HymbaModel

@Suite("Parameter inventory")
struct InventoryTests {
  /// Counted from the recorded checkpoints: x_proj joins two of Edifice's layers.
  @Test(
    "it holds as many numbers as the checkpoint that Edifice saved",
    arguments: [
      (
        "edifice-hymba-tiny",
        HymbaBuildOptions(
          embedDim: 12, hiddenSize: 8, stateSize: 4, numLayers: 2, numHeads: 2, numMetaTokens: 3)
      ),
      ("edifice-hymba-small", HymbaBuildOptions(embedDim: 287, hiddenSize: 32)),
      (
        "edifice-hymba-same-dim",
        HymbaBuildOptions(
          embedDim: 16, hiddenSize: 16, stateSize: 8, numLayers: 3, numMetaTokens: 1)
      ),
    ])
  func elementCount(_ set: String, _ options: HymbaBuildOptions) throws {
    let source = try SafetensorsSource(Fixture.path(set, "model.safetensors"))
    let inventory = try ParameterInventory(Architecture.hymba(options))
    #expect(inventory.elementCount == source.tensors.totalElements)
    #expect(inventory.count == source.tensors.count - 2 * options.numLayers)
  }

  @Test("an input of the hidden size has no projection")
  func noProjection() throws {
    let inventory = try ParameterInventory(Architecture.hymba(embedDim: 16, hiddenSize: 16))
    #expect(inventory["input_projection.weight"] == nil)
    #expect(inventory["layers.0.norm.weight"]?.shape.dimensions == [16])
  }

  @Test("prepended meta tokens are one parameter, per-layer ones two in each layer")
  func metaTokens() throws {
    var options = HymbaBuildOptions(embedDim: 4, hiddenSize: 8, numLayers: 2, numMetaTokens: 3)
    let perLayer = try ParameterInventory(Architecture.hymba(options))
    options.metaTokensArePrepended = true
    let prepended = try ParameterInventory(Architecture.hymba(options))
    #expect(perLayer["layers.1.attention.meta_value"]?.shape.dimensions == [3, 8])
    #expect(perLayer["meta_tokens"] == nil)
    #expect(prepended["meta_tokens"]?.shape.dimensions == [3, 8])
    #expect(prepended["layers.0.attention.meta_key"] == nil)
  }
}

@Suite("Random checkpoint")
struct RandomCheckpointTests {
  @Test("the same seed gives the same bytes in any ranges, another seed others")
  func determinism() throws {
    let architecture = try Architecture.hymba(embedDim: 12, hiddenSize: 8, numHeads: 2)
    let source = try RandomCheckpoint(architecture, seed: 1)
    let tensor = try #require(source.tensors["layers.1.mamba.in_proj.weight"])
    let whole = try source.bytes(of: tensor)
    let part = try [UInt8](count: 9) { try source.read(tensor, from: 5, into: &$0) }
    #expect(part == Array(whole[5..<14]))
    #expect(try RandomCheckpoint(architecture, seed: 1).bytes(of: tensor) == whole)
    #expect(try RandomCheckpoint(architecture, seed: 2).bytes(of: tensor) != whole)
  }

  @Test("SplitMix64 gives the numbers of its reference implementation")
  func splitMix() {
    // From the C code of Sebastiano Vigna (prng.di.unimi.it), seed 1234567.
    var generator = SplitMix64(seed: 1_234_567)
    #expect(
      (0..<5).map { _ in generator.next() } == [
        6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423,
        4_593_380_528_125_082_431, 16_408_922_859_458_223_821,
      ])
  }

  @Test("weights have the variance 1/fan-in and norms lie around 1")
  func scales() throws {
    let source = try RandomCheckpoint(Architecture.hymba(embedDim: 64), seed: 3)
    let weight = try Tensor("layers.0.ffn.down_proj.weight", from: source).values
    let variance = weight.reduce(0.0) { $0 + Double($1) * Double($1) } / Double(weight.count)
    #expect(abs(variance * 1024 - 1) < 0.02)
    let norm = try Tensor("final_norm.weight", from: source).values
    #expect(norm.allSatisfy { (0.9...1.1).contains($0) })
  }
}
