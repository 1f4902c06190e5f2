import HymbaFormat
import TestSupport
import Testing

@testable import HymbaConversion

@Suite("Checkpoints that another program rewrote")
struct RewrittenCheckpointTests {
  /// The recorded checkpoint with its convolutions as MLX writes them: [channels, width, 1].
  private func message(rewriting set: String) throws -> String {
    let checkpoint = try ChangedCheckpoint(set) { entries in
      entries = entries.map { entry in
        guard entry.name.hasSuffix("conv1d.weight") else { return entry }
        let shape = entry.dimensions
        return MemorySource.Entry(
          entry.name, entry.type, [shape[0], shape[2], shape[1]], entry.bytes)
      }
    }
    return FamilyFixture.message(opening: checkpoint.path)
  }

  @Test("a Falcon-H1 that MLX wrote is refused, as its weights have the multipliers in them")
  func mlxFalcon() throws {
    #expect(
      try message(rewriting: "falcon-h1-tiny")
        == "this is a checkpoint that MLX wrote, as “model.layers.0.mamba.conv1d.weight” has its last two axes exchanged: its loader multiplies the multipliers of config.json into the weights, so they would be applied twice; convert the original checkpoint"
    )
  }

  @Test(
    "other checkpoints that MLX wrote are named",
    arguments: [
      ("zamba-tiny", "model.layers.0.mamba.conv1d.weight"),
      ("bamba-tiny", "model.layers.0.mamba.conv1d.weight"),
      ("granite-hybrid-tiny", "model.layers.0.mamba.conv1d.weight"),
      ("nemotron-h-tiny", "backbone.layers.0.mixer.conv1d.weight"),
      ("mamba2-tiny", "backbone.layers.0.mixer.conv1d.weight"),
    ])
  func mlx(_ set: String, _ name: String) throws {
    #expect(
      try message(rewriting: set)
        == "this is a checkpoint that MLX wrote: “\(name)” has its last two axes exchanged; convert the original checkpoint"
    )
  }
}
