import HymbaCheckpoints
import HymbaFormat
import TestSupport
import Testing

/// Files that PyTorch wrote, against the same tensors as the safetensors package wrote them.
@Suite struct PyTorchFixtureTests {
  static let names: [String] = [
    "types", "newer-types", "protocol4", "protocol5", "views", "state-dict", "parameters",
    "training", "wrapped", "nested",
  ]

  private func open(
    _ name: String
  ) throws -> (torch: any CheckpointSource, expected: SafetensorsSource) {
    (
      try ZippedCheckpoint.open(Fixture.path("torch", name + ".pt")),
      try SafetensorsSource(Fixture.path("torch", name + ".safetensors"))
    )
  }

  @Test("every tensor has the name, type, shape and bytes that PyTorch gave it", arguments: names)
  func tensors(_ name: String) throws {
    let (torch, expected) = try open(name)
    #expect(Set(torch.tensors.map(\.name)) == Set(expected.tensors.map(\.name)))
    for tensor in torch.tensors {
      #expect(tensor == expected.tensors[tensor.name])
      #expect(try torch.bytes(of: tensor) == expected.bytes(of: tensor), "\(tensor.name)")
    }
  }

  @Test("the fingerprint is that of the same tensors as safetensors", arguments: names)
  func fingerprint(_ name: String) throws {
    let (torch, expected) = try open(name)
    #expect(
      try Fingerprint.compute(of: torch, jobs: 2) == Fingerprint.compute(of: expected, jobs: 1))
  }

  @Test("any range of a tensor is that part of the whole", arguments: ["types", "views"])
  func ranges(_ name: String) throws {
    let (torch, expected) = try open(name)
    for tensor in torch.tensors {
      let whole = try expected.bytes(of: tensor)
      for begin in stride(from: 0, through: whole.count, by: whole.count > 100 ? 37 : 1) {
        for end in stride(from: begin, through: whole.count, by: whole.count > 100 ? 41 : 1) {
          #expect(try torch.bytes(of: tensor, begin..<end) == Array(whole[begin..<end]))
        }
      }
    }
  }

  @Test("several threads may read at once")
  func concurrency() throws {
    let (torch, expected) = try open("views")
    let read = try Parallel.map(count: 200, jobs: 8) { index in
      let tensor = torch.tensors[index % torch.tensors.count]
      return (tensor.name, try torch.bytes(of: tensor))
    }
    for (name, bytes) in read {
      #expect(try bytes == expected.bytes(of: try #require(expected.tensors[name])))
    }
  }

  @Test("a range outside a tensor, and a tensor of another file, are refused")
  func outside() throws {
    let torch = try open("types").torch
    let tensor = try #require(torch.tensors["int8"])
    #expect(
      refusal { _ = try torch.bytes(of: tensor, 3..<6) }
        == "bytes 3..<6 were asked of “int8”, which has 5")
    let other = try TensorDescriptor(name: "other", type: .int8, dimensions: [1])
    #expect(refusal { _ = try torch.bytes(of: other) } == "there is no tensor “other”")
  }

  static let notes: [(name: String, notes: [String])] = [
    ("state-dict", []),
    ("nested", []),
    (
      "training",
      [
        "the weights are those in “state_dict”",
        "left aside as the state of training: “optimizer”",
        "left aside as no tensors: “epoch”, “best”, “name”, “betas”, “history”, “args.lr” and 3 more",
      ]
    ),
    (
      "wrapped",
      [
        "the weights are those in “model”",
        "left aside as the state of training: “optimizer_state_dict”",
      ]
    ),
  ]

  @Test("what a training checkpoint holds beside its weights is said", arguments: notes)
  func asides(_ name: String, _ notes: [String]) throws {
    #expect(try open(name).torch.remarks == notes)
  }

  private static let wayOut =
    "which no state dict does and which is not run here; load the file where you trust it and save only the tensors, with torch.save(model.state_dict(), …)"

  static let refusals: [(name: String, message: String)] = [
    ("system", "at byte 174 the pickle needs “posix.system”, \(wayOut)"),
    ("eval", "at byte 174 the pickle needs “__builtin__.eval”, \(wayOut)"),
    ("class", "at byte 177 the pickle needs “__main__.Hyperparameters”, \(wayOut)"),
    ("module", "at byte 2 the pickle needs “__main__.Net”, \(wayOut)"),
    (
      "sparse",
      "at byte 18 the pickle needs “torch._utils._rebuild_sparse_tensor”, a sparse tensor; call to_dense() before saving"
    ),
    (
      "quantized",
      "at byte 18 the pickle needs “torch._utils._rebuild_qtensor”, a quantised tensor; dequantise it before saving"
    ),
    (
      "complex",
      "at byte 69 the pickle needs “torch.ComplexFloatStorage”, complex numbers, which no container stores; save real and imaginary parts"
    ),
    (
      "meta",
      "at byte 18 the pickle needs “torch._utils._rebuild_meta_tensor_no_storage”, a tensor without data"
    ),
    (
      "negated",
      "the tensor “weight” is a negative or conjugate view; call resolve_neg() and resolve_conj() before saving"
    ),
    (
      "tensor",
      "the pickle holds a tensor and not a state dict; save it with torch.save(model.state_dict(), …)"
    ),
    (
      "optimizer",
      "this is an optimizer state, not a model: convert the weights that were saved beside it"
    ),
    (
      "recursive",
      "the pickle's dictionaries nest deeper than 16 levels, or hold themselves"
    ),
    (
      "torchscript",
      "this is a TorchScript program, not a checkpoint; save its weights with torch.save(torch.jit.load(FILE).state_dict(), NEW)"
    ),
  ]

  @Test("what is no state dict is refused by name, and nothing is run", arguments: refusals)
  func refused(_ name: String, _ message: String) throws {
    let path = Fixture.path("torch", name + ".pt")
    #expect(refusal { _ = try ZippedCheckpoint.open(path) } == message)
  }

  @Test("files of before version 1.6 are named with the way out, and what they would run is too")
  func legacy() throws {
    #expect(
      try LegacyPickle.refusal(of: Fixture.path("torch", "legacy.pt")).description
        == "this is a PyTorch file of the form before version 1.6, which is not supported; convert it with python -c \"import torch; torch.save(torch.load('FILE', weights_only=True), 'NEW')\""
    )
    #expect(
      try LegacyPickle.refusal(of: Fixture.path("torch", "legacy-system.pt")).description
        == "at byte 150 the pickle needs “posix.system”, \(Self.wayOut)")
  }
}
