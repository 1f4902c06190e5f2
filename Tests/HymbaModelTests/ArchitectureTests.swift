import HymbaFormat
import TestSupport
import Testing

@testable import HymbaModel

@Suite("Architecture")
struct ArchitectureTests {
  @Test("Edifice's defaults are hidden 256, state 16, 4 layers, 4 heads, 4 meta tokens")
  func defaults() throws {
    let options = HymbaBuildOptions(embedDim: 287)
    #expect(options.hiddenSize == 256 && options.stateSize == 16 && options.numLayers == 4)
    #expect(options.numHeads == 4 && options.numMetaTokens == 4 && options.dropout == 0)
    #expect(options.windowSize == 60 && options.outputSize == 256)
    #expect(HymbaBuildOptions.recommendedDefaults(embedDim: 3).dropout == 0.1)
    #expect(try Architecture.hymba(embedDim: 287) == Architecture.hymba(options))
  }

  @Test("derived sizes follow Edifice's rules: inner 2h, rank max(2h/16, 1), feed forward 4h")
  func derivedSizes() throws {
    let sizes = try Architecture.hymba(embedDim: 12, hiddenSize: 8, numHeads: 2).sizes(layer: 0)
    #expect(sizes["inner"] == 16 && sizes["rank"] == 1 && sizes["intermediate"] == 32)
    #expect(sizes["width"] == 4 && sizes["key_head_size"] == 4)
    let small = try Architecture.hymba(embedDim: 4, hiddenSize: 4, numHeads: 1).sizes(layer: 0)
    #expect(small["rank"] == 1, "integer division gives 0, the rank is at least 1")
  }

  @Test(
    "an impossible option is refused by its name",
    arguments: [
      (
        HymbaBuildOptions(embedDim: 0), "embed_dim is 0; expected a whole number from 1 to 16777216"
      ),
      (
        HymbaBuildOptions(embedDim: 4, numLayers: 0),
        "num_layers is 0; expected a whole number from 1 to 4096"
      ),
      (
        HymbaBuildOptions(embedDim: 4, numMetaTokens: 0),
        "num_meta_tokens is 0; expected a whole number from 1 to 16777216"
      ),
      (
        HymbaBuildOptions(embedDim: 4, hiddenSize: 10, numHeads: 4),
        "hidden_size is 10; expected a multiple of num_heads, 4"
      ),
      (
        HymbaBuildOptions(embedDim: 4, hiddenSize: 1 << 40),
        "hidden_size is 1099511627776; expected a whole number from 1 to 16777216"
      ),
    ])
  func refusedOptions(_ options: HymbaBuildOptions, _ message: String) {
    #expect { try Architecture.hymba(options) } throws: { "\($0)" == message }
  }

  @Test("its JSON text gives it back, and equal architectures have equal text")
  func json() throws {
    let architecture = try Architecture.hymba(embedDim: 12, hiddenSize: 8, numHeads: 2)
    #expect(try Architecture(json: architecture.json) == architecture)
    #expect(
      try Architecture.hymba(embedDim: 12, hiddenSize: 8, numHeads: 2).json == architecture.json)
  }

  @Test("the recorded architecture document reads as the prepended form")
  func document() throws {
    let bytes = try InputFile.contents(
      of: Fixture.path("gated-prepended-tiny", "architecture.json"), limit: 1 << 20)
    var options = HymbaBuildOptions(
      embedDim: 12, hiddenSize: 8, stateSize: 4, numLayers: 2, numHeads: 2, numMetaTokens: 3)
    options.metaTokensArePrepended = true
    #expect(try Architecture(json: bytes) == Architecture.hymba(options))
  }

  @Test("a document with a wrong value is refused with the path to it")
  func wrongDocument() throws {
    let text = String(decoding: try Architecture.hymba(embedDim: 12).json, as: UTF8.self)
    func message(replacing old: String, _ new: String) -> String {
      do {
        _ = try Architecture(json: Array(text.replacing(old, with: new, maxReplacements: 1).utf8))
        return "accepted"
      } catch { return "\(error)" }
    }
    #expect(
      message(replacing: "\"heads\":4", "\"heads\":\"four\"")
        == "the configuration cannot be used: a value of another type is expected at layers.0.mixer.parallel.attention.heads"
    )
    #expect(
      message(replacing: "\"heads\":4", "\"heads\":3")
        == "layers.0.attention.heads is 3; expected a multiple of the 4 key/value heads")
    #expect(
      message(replacing: "\"hiddenSize\":256", "\"hiddenSize\":-1")
        == "hiddenSize is -1; expected a whole number from 1 to 16777216")
    #expect(
      message(replacing: "\"parallel\":", "\"paralel\":")
        == "the configuration cannot be used: exactly one of the known kinds is expected at layers.0.mixer"
    )
    // Text that would turn a terminal red, if it got there.
    #expect(
      message(replacing: "\"fusion\":\"gated\"", "\"fusion\":\"\\u001b[31mgated\"")
        == "the configuration cannot be used: Cannot initialize Fusion from invalid String value \\u{1b}[31mgated at layers.0.mixer.parallel.fusion"
    )
  }

  @Test("a key that is given twice is refused, as one of the two would silently win")
  func repeatedKey() throws {
    let text = String(decoding: try Architecture.hymba(embedDim: 12).json, as: UTF8.self)
    #expect(text.hasPrefix("{\"hiddenSize\":256,"))
    let repeated = "{\"hiddenSize\":8," + text.dropFirst()
    #expect { try Architecture(json: Array(repeated.utf8)) } throws: {
      "\($0)"
        == "the configuration cannot be used: not valid JSON: the key “hiddenSize” is given twice at byte 16"
    }
  }

  @Test("a mistyped key is refused: without it the model would be another one")
  func unknownKey() throws {
    let text = String(decoding: try Architecture.hymba(embedDim: 12).json, as: UTF8.self)
    let mistyped = text.replacing("timeStepClip", with: "timeStepClp", maxReplacements: 1)
    #expect { try Architecture(json: Array(mistyped.utf8)) } throws: {
      "\($0)"
        == "the configuration cannot be used: an architecture has no “layers.0.mixer.parallel.mamba.timeStepClp”"
    }
  }

  @Test("two architectures differ by path and value")
  func differences() throws {
    let a = try Architecture.hymba(embedDim: 12, numHeads: 4)
    let b = try Architecture.hymba(embedDim: 12, numHeads: 2)
    #expect(a.differences(from: a) == [])
    #expect(
      a.differences(from: b).contains("layers.0.mixer.parallel.attention.heads: 4 and 2"))
    #expect(a.differencesInWords(from: a) == [])
    #expect(a.differencesInWords(from: b).first == "layers 0 to 3, attention heads: 4 and 2")
  }
}
