import HymbaConversion
import HymbaModel
import TestSupport
import Testing

@testable import HymbaVerification

@Suite("Dimensions of captures")
struct CaptureDimensionTests {
  @Test(
    "every capture of a pass has the dimensions that the architecture says, and no other is said to exist",
    arguments: [
      "edifice-hymba-tiny", "hymba-nvidia-tiny", "hymba-nvidia-options-b", "jamba-tiny", "zamba-tiny",
      "zamba2-options", "falcon-h1-tiny", "bamba-tiny", "granite-hybrid-tiny", "nemotron-h-tiny",
      "mamba-tiny", "falcon-mamba-tiny", "mamba2-options",
    ])
  func captures(_ name: String) throws {
    let model = try OpenedModel.open(ModelInput(paths: [Fixture.folder(name)]), OpeningOptions())
    let architecture = try #require(model.architecture)
    let input = Probe.input(for: architecture)
    var seen: Set<Capture> = []
    try ForwardPass(architecture, parameters: model.parameters, jobs: 2).run(.together(input)) {
      capture, tensor in
      seen.insert(capture)
      #expect(
        architecture.dimensions(of: capture, batch: input.batch, length: input.length)
          == tensor.dimensions, "\(capture)")
    }
    let layers = architecture.layers.count
    let all =
      (0...layers + 1).flatMap { index -> [Capture] in
        [
          .hiddenStates(index), .attention(layer: index), .mamba(layer: index), .gate(layer: index),
          .attentionNormed(layer: index), .mambaNormed(layer: index), .router(layer: index),
          .shared(layer: index), .mambaGate(layer: index),
        ]
      } + Capture.ofWholeModel
    for capture in all where !seen.contains(capture) {
      #expect(
        architecture.dimensions(of: capture, batch: input.batch, length: input.length) == nil,
        "\(capture)")
    }
  }
}
