import HymbaFormat
import TestSupport
import Testing

@testable import HymbaConversion

/// Names with parts of PyTorch's wrappers within them.
@Suite("Wrapped names")
struct WrappedNameTests {
  private static let set = "hymba-nvidia-tiny"

  private func open(_ checkpoint: ChangedCheckpoint) throws -> OpenedModel {
    try OpenedModel.open(ModelInput(paths: [checkpoint.path]), OpeningOptions())
  }

  typealias Renaming = @Sendable (String) -> String

  private func renamed(_ rename: Renaming) throws -> ChangedCheckpoint {
    try ChangedCheckpoint(Self.set) { entries in
      entries = entries.map { .init(rename($0.name), $0.type, $0.dimensions, $0.bytes) }
    }
  }

  /// Behind each layer.
  private static func inLayers(_ part: String, _ name: String) -> String {
    name.replacing(#/layers\.\d+\./#) { $0.output + part + "." }
  }

  /// How a program of a training library names what it wrapped, and what the variant says of it.
  struct Wrapped: Sendable, CustomTestStringConvertible {
    let variant: String
    let rename: Renaming
    var testDescription: String { variant }

    init(_ variant: String, _ rename: @escaping Renaming) {
      self.variant = variant
      self.rename = rename
    }
  }

  static let wrappings = [
    Wrapped("wrapped model.layers.0: _orig_mod") {
      $0.replacing("layers.0.", with: "layers.0._orig_mod.")
    },
    Wrapped("wrapped model.layers.*: _orig_mod") { inLayers("_orig_mod", $0) },
    Wrapped(
      "under _fsdp_wrapped_module.; wrapped _fsdp_wrapped_module.model.layers.*: _fsdp_wrapped_module._checkpoint_wrapped_module"
    ) {
      "_fsdp_wrapped_module." + inLayers("_fsdp_wrapped_module._checkpoint_wrapped_module", $0)
    },
    Wrapped(
      "wrapped model.layers.*: module; wrapped model.layers.*.mamba: _orig_mod"
    ) { inLayers("module", $0).replacing(".mamba.", with: ".mamba._orig_mod.") },
  ]

  @Test("a wrapped model is the plain one, and gets its names back", arguments: wrappings)
  func wrapped(_ wrapped: Wrapped) throws {
    let variant = wrapped.variant
    let checkpoint = try renamed(wrapped.rename)
    let model = try open(checkpoint)
    let plain = try OpenedModel.open(
      ModelInput(paths: [Fixture.folder(Self.set)]), OpeningOptions())
    #expect(model.layout.name == "nvidia-hymba" && model.layout.variant.text == variant)
    #expect(
      try Fingerprint.compute(of: model.parameters, jobs: 2)
        == Fingerprint.compute(of: plain.parameters, jobs: 2))
    let source = try SafetensorsSource(checkpoint.path + "/model.safetensors")
    let back = try model.exported(to: "nvidia-hymba")
    #expect(Set(back.tensors) == Set(source.tensors))
    for tensor in source.tensors {
      #expect(try back.bytes(of: tensor) == source.bytes(of: tensor), "\(tensor.name)")
    }
  }

  @Test(
    "an export says that the names are the source's, and writes the layout's own where it is asked to",
    arguments: ["module.", "model.", "module._orig_mod."])
  func plainNames(_ prefix: String) throws {
    let checkpoint = try ChangedCheckpoint(Self.set) { entries in
      entries = entries.map { .init(prefix + $0.name, $0.type, $0.dimensions, $0.bytes) }
    }
    let model = try open(checkpoint)
    func export(_ output: String, plainNames: Bool) throws -> ExportOutcome {
      try ModelExport(
        model,
        ModelExport.Options(
          output: checkpoint.path + output, plainNames: plainNames, jobs: 1, creator: "test",
          now: "2026-01-01T00:00:00Z")
      ).write()
    }
    let own = try export("/own/", plainNames: false)
    #expect(
      own.texts.contains {
        $0.hasPrefix("the names are those of the source, with “\(prefix.prefix(7))")
          && $0.hasSuffix("under which Hugging Face's libraries do not find the weights")
      } || prefix == "model.")
    let plain = try export("/plain/", plainNames: true)
    #expect(!plain.texts.contains { $0.hasPrefix("the names") })
    let source = try SafetensorsSource(Fixture.path(Self.set, "model.safetensors"))
    let written = try SafetensorsSource(checkpoint.path + "/plain/model.safetensors")
    #expect(Set(written.tensors) == Set(source.tensors))
  }

  @Test("names that would be one without the wrapper are not read without it")
  func ambiguous() throws {
    let checkpoint = try ChangedCheckpoint(Self.set) { entries in
      let copy = try #require(entries.first { $0.name.hasPrefix("model.layers.0.") })
      let name = copy.name.replacing("layers.0.", with: "layers.0._orig_mod.")
      entries.append(.init(name, copy.type, copy.dimensions, copy.bytes))
    }
    #expect {
      try open(checkpoint)
    } throws: {
      "\($0)".contains("1 not part of the model: model.layers.0._orig_mod.")
    }
  }

  @Test("wrapped names of no known layout are named as wrapped")
  func unknown() throws {
    let folder = try TemporaryFolder()
    let path = folder.file("m.safetensors")
    try SafetensorsWriter.write(
      MemorySource([.init("layers.0._orig_mod.weight", .uint8, [1], [0])]), to: path,
      replace: false)
    #expect {
      try OpenedModel.open(ModelInput(paths: [path]), OpeningOptions())
    } throws: {
      "\($0)"
        == "\(path): this is a checkpoint of a model of which parts were wrapped (“_orig_mod.” within its names), and without those it has no known layout: save the state_dict() of the model without wrappers"
    }
  }

  @Test("a wrapper is looked for behind as many modules as a model may nest, and no further")
  func depth() throws {
    let layout = try LayoutCatalog.layout("nvidia-hymba")
    func parts(_ depth: Int) -> [String: String]? {
      let path = [String](repeating: "a", count: depth).joined(separator: ".")
      return NameWrapping(
        ["\(path)._orig_mod.x"], of: NameWrapping.wrappers, knownTo: layout)?.parts
    }
    let deepest = [String](repeating: "a", count: 32).joined(separator: ".")
    #expect(parts(32) == [deepest: "_orig_mod"])
    #expect(parts(33) == nil)
  }

  @Test("a layout whose own names have such parts keeps them")
  func ownNames() throws {
    var layout = try LayoutCatalog.layout("nvidia-hymba")
    layout.rules[0].from[0] += "._orig_mod.x"
    #expect(NameWrapping(["a._orig_mod.x"], of: NameWrapping.wrappers, knownTo: layout) == nil)
    let other = try LayoutCatalog.layout("nvidia-hymba")
    #expect(
      NameWrapping(["a._orig_mod.x"], of: NameWrapping.wrappers, knownTo: other)?.parts == ["a": "_orig_mod"])
  }
}
