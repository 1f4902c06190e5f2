import HymbaCheckpoints
import HymbaFormat
import TestSupport
import Testing

/// Files that PyTorch wrote, against the same tensors as the safetensors package wrote them.
@Suite struct PyTorchFixtureTests {
  static let names: [String] = [
    "types", "newer-types", "protocol4", "protocol5", "views", "state-dict", "parameters",
    "training", "wrapped", "nested", "loose", "deepspeed", "objects", "tuple-keys",
    "opaque-types", "two-parts", "keys-beside", "protocol1",
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
        "left aside as the state of training: “optimizer” (300 bytes)",
        "left aside as no tensors: “epoch”, “best”, “name”, “betas”, “history”, “args.lr” and 3 more",
      ]
    ),
    (
      "wrapped",
      [
        "the weights are those in “model”",
        "left aside as the state of training: “optimizer_state_dict” (300 bytes)",
      ]
    ),
    (
      "two-parts",
      [
        "“state_dict”, “model” all hold tensors: none is taken for the weights, and the names of all begin with these",
        "left aside as the state of training: “optimizer” (52 bytes)",
      ]
    ),
    ("keys-beside", [
        "left aside as no tensors: “note”, “counts.an object”, “counts.bytes, a large number or a text that is not UTF-8”"
      ]),
  ]

  /// Adam keeps a step of 4 bytes for each of three parameters, and two numbers for each of their 36.
  @Test("what a training checkpoint holds beside its weights is said", arguments: notes)
  func asides(_ name: String, _ notes: [String]) throws {
    #expect(try open(name).torch.remarks == notes)
  }

  static let besides: [(name: String, asides: [LeftAside])] = [
    (
      "loose",
      [
        // An optimizer's 72 bytes, two numbers of 4, and a generator's state of 16.
        LeftAside(
          .trainingState, names: ["optimizer", "best_val_loss", "rng_state", "callbacks"],
          bytes: 96),
        LeftAside(.notTensors, names: ["iter_num"], bytes: 0),
      ]
    ),
    (
      "deepspeed",
      [
        LeftAside(
          .notTensors,
          names: [
            "buffer_names", "optimizer", "lr_scheduler", "sparse_tensor_module_names",
            "global_steps", "ds_version",
          ], bytes: 0)
      ]
    ),
    (
      "objects",
      [
        LeftAside(
          .hiddenTensors, names: ["state_dict.attributed.scale", "average.shadow.weight"],
          bytes: 28),
        LeftAside(
          .notTensors,
          names: [
            "args", "counts.a", "counts.b", "version", "layout", "key", "best", "names", "random",
          ], bytes: 0),
      ]
    ),
    ("system", [LeftAside(.notTensors, names: ["x"], bytes: 0)]),
    ("eval", [LeftAside(.notTensors, names: ["x"], bytes: 0)]),
    ("class", [LeftAside(.notTensors, names: ["args"], bytes: 0)]),
  ]

  @Test("what no tensor needs is left aside by name, with the bytes of its tensors", arguments: besides)
  func leftAside(_ name: String, _ asides: [LeftAside]) throws {
    let source = try ZippedCheckpoint.open(Fixture.path("torch", name + ".pt"))
    #expect(source.leftAside == asides)
    #expect(source.keptBytes == source.files[0].bytes - asides.reduce(0) { $0 + $1.bytes })
  }

  static let unrun: [(name: String, note: String)] = [
    ("system", "not run, as no tensor needs it: “posix.system”"),
    ("eval", "not run, as no tensor needs it: “__builtin__.eval”"),
    ("class", "not run, as no tensor needs it: “__main__.Hyperparameters”"),
    (
      "objects",
      "not run, as no tensor needs them: “argparse.Namespace”, “__main__.Average”, “numpy.dtype”, “numpy._core.multiarray.scalar”, “numpy._core.multiarray._reconstruct”"
    ),
  ]

  @Test("what a pickle would run is not run, and is named", arguments: unrun)
  func notRun(_ name: String, _ note: String) throws {
    let source = try ZippedCheckpoint.open(Fixture.path("torch", name + ".pt"))
    #expect(source.notes.last == note)
  }

  static let refusals: [(name: String, message: String)] = [
    (
      "module",
      "the pickle holds an object of “__main__.Net” and not a state dict; where you trust it and have its classes, save its weights: torch.save(torch.load(FILE, map_location='cpu', weights_only=False).state_dict(), NEW)"
    ),
    (
      "model-object",
      "the tensors lie in “model”, an object of “__main__.Average”, which is not run here; where you trust it and have its classes, save its weights: torch.save(torch.load(FILE, map_location='cpu', weights_only=False)['model'].state_dict(), NEW)"
    ),
    (
      "sparse",
      "the tensor “weight” needs “torch._utils._rebuild_sparse_tensor”, a sparse tensor; call to_dense() before saving"
    ),
    (
      "quantized",
      "the tensor “weight” needs “torch._utils._rebuild_qtensor”, a quantised tensor; dequantise it before saving"
    ),
    (
      "complex128",
      "the tensor “s” has the element type “complex128”, which is not supported"
    ),
    (
      "meta",
      "the tensor “weight” needs “torch._utils._rebuild_meta_tensor_no_storage”, a tensor without data"
    ),
    (
      "negated",
      "the tensor “weight” is a negative or conjugate view; call resolve_neg() and resolve_conj() before saving"
    ),
    (
      "tensor",
      "the pickle holds a tensor and not a state dict; give it a name: torch.save({'weight': torch.load(FILE, map_location='cpu', weights_only=False)}, NEW)"
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
      "this is a TorchScript program, not a checkpoint; save its weights: torch.save(torch.jit.load(FILE, map_location='cpu').state_dict(), NEW)"
    ),
  ]

  @Test("what is no state dict of plain tensors is refused by name", arguments: refusals)
  func refused(_ name: String, _ message: String) throws {
    let path = Fixture.path("torch", name + ".pt")
    #expect(refusal { _ = try ZippedCheckpoint.open(path) } == message)
  }
}
