import HymbaFormat
import TestSupport
import Testing

@testable import HymbaConversion

@Suite("The layout of a checkpoint")
struct LayoutChoiceTests {
  private func layout(
    _ name: String, _ configuration: String = "architecture", _ more: String = ""
  ) throws -> Layout {
    try Layout(
      json: Array(
        #"{"name":"\#(name)","title":"t","configuration":"\#(configuration)","signature":["a"],\#(more)"rules":[]}"#
          .utf8))
  }

  private func tensors(_ names: [String]) throws -> TensorTable {
    try MemorySource(names.map { .init($0, .uint8, [0], []) }).tensors
  }

  @Test("layouts of the configuration's family are tried first, the others in their order")
  func family() throws {
    let names = try LayoutCatalog.builtIn().map(\.name)
    #expect(try LayoutCatalog.builtIn(first: nil).map(\.name) == names)
    #expect(
      try LayoutCatalog.builtIn(first: JambaFamily()).map(\.name)
        == ["hf-jamba-stacked", "hf-jamba", "gguf-jamba"] + names.filter { !$0.contains("f-jamba") })
  }

  @Test(
    "models of different families with the same names are known by their config.json",
    arguments: [
      (
        "hf-nemotron-h",
        #"{"model_type":"nemotron_h","hidden_size":12,"hybrid_override_pattern":"MM","num_hidden_layers":2,"mamba_num_heads":3,"mamba_head_dim":4,"n_groups":1,"ssm_state_size":4,"conv_kernel":3,"vocab_size":10}"#
      ),
      (
        "hf-mamba2",
        #"{"model_type":"mamba2","hidden_size":12,"num_hidden_layers":2,"expand":1,"num_heads":3,"head_dim":4,"n_groups":1,"state_size":4,"conv_kernel":3,"vocab_size":10}"#
      ),
      (
        "hf-bamba",
        #"{"model_type":"bamba","hidden_size":12,"intermediate_size":7,"num_hidden_layers":2,"attn_layer_indices":[0,1],"num_attention_heads":3,"num_key_value_heads":1,"mamba_n_heads":6,"mamba_d_head":4,"mamba_d_state":4,"vocab_size":10}"#
      ),
      (
        "hf-jamba",
        #"{"model_type":"jamba","hidden_size":12,"intermediate_size":7,"num_hidden_layers":2,"num_attention_heads":3,"num_key_value_heads":1,"num_experts":1,"attn_layer_period":1,"attn_layer_offset":0,"vocab_size":10}"#
      ),
    ])
  func sameNames(_ layout: String, _ config: String) throws {
    let folder = try TemporaryFolder()
    let architecture = try readArchitecture(
      configuration: folder.write(config, to: "config.json"))
    try FamilyFixture.expectRandomRoundTrip(architecture, through: layout, config: config)
  }

  @Test(
    "a name that must not be there rules a layout out, and of a list all names together",
    arguments: [
      (["a"], true), (["a", "b"], true), (["a", "c.3"], true), (["a", "b", "c.3"], false),
      (["a", "b", "d"], false),
    ])
  func unlike(_ names: [String], _ fits: Bool) throws {
    let layout = try layout("x", "architecture", #""unlike":[["b","c.{layer}"],"d"],"#)
    #expect(try (LayoutDetection.match(tensors(names), layout) != nil) == fits)
  }
}
