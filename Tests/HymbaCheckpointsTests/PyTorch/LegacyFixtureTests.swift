import HymbaCheckpoints
import HymbaFormat
import TestSupport
import Testing

/// Files of the form before version 1.6, against what torch.load reads of them.
@Suite struct LegacyFixtureTests {
  static let names: [(name: String, expected: String)] = [
    ("legacy", "state-dict"), ("legacy-types", "legacy-types"),
    ("legacy-protocol4", "legacy-protocol4"), ("legacy-newer-types", "legacy-newer-types"),
    ("legacy-training", "legacy-training"), ("legacy-cuda", "legacy-cuda"),
    ("legacy-big-endian", "legacy-big-endian"), ("legacy-python2", "legacy-python2"),
    ("legacy-protocol1", "legacy-protocol1"),
  ]

  private func open(
    _ name: String, _ expected: String
  ) throws -> (torch: any CheckpointSource, expected: SafetensorsSource) {
    (
      try LegacyPickle.open(Fixture.path("torch", name + ".pt")),
      try SafetensorsSource(Fixture.path("torch", expected + ".safetensors"))
    )
  }

  @Test("every tensor of an old file is what PyTorch reads", arguments: names)
  func tensors(_ name: String, _ expectation: String) throws {
    let (torch, expected) = try open(name, expectation)
    #expect(Set(torch.tensors.map(\.name)) == Set(expected.tensors.map(\.name)))
    for tensor in torch.tensors {
      #expect(tensor == expected.tensors[tensor.name])
      let whole = try expected.bytes(of: tensor)
      #expect(try torch.bytes(of: tensor) == whole, "\(tensor.name)")
      for begin in stride(from: 0, to: whole.count, by: 7) {
        let range = begin..<min(begin + 11, whole.count)
        #expect(try torch.bytes(of: tensor, range) == Array(whole[range]), "\(tensor.name)")
      }
    }
  }

  @Test("an optimizer's storages in an old file are left aside with their bytes")
  func training() throws {
    let source = try open("legacy-training", "legacy-training").torch
    // Adam's step, exp_avg and exp_avg_sq of a weight of six and a bias of two numbers.
    #expect(
      source.leftAside == [
        LeftAside(.trainingState, names: ["optimizer"], bytes: 2 * 4 + 2 * 4 * (6 + 2)),
        LeftAside(.notTensors, names: ["epoch"], bytes: 0),
      ])
    #expect(source.keptBytes == source.files[0].bytes - 72)
  }
}
