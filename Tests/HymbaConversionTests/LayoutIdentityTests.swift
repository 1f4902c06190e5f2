import HymbaFormat
import HymbaModel
import TestSupport
import Testing

@testable import HymbaConversion

@Suite("Every layout in every variant, both ways")
struct LayoutIdentityTests {
  @Test(
    "import then export gives the same names, types, shapes and bits, carried tensors included",
    arguments: LayoutCase.all)
  func importThenExport(_ one: LayoutCase) throws {
    let folder = try TemporaryFolder()
    let checkpoint = try one.checkpoint()
    let model = try one.open(checkpoint, in: folder)
    #expect(model.layout == LayoutReference(name: one.layout.name, variant: one.variant))
    #expect(try Set(model.description.carried) == Set(one.carriedNames))
    try ContainerWriter(compression: .none, jobs: 1, replace: false, creator: "test")
      .write(model.parameters, model.description, to: folder.file("m.hymba"))
    let container = try FamilyFixture.open(folder.file("m.hymba"))
    let name = one.document ?? one.layout.name
    try FamilyFixture.expectSame(container.exported(to: name), checkpoint)
    var metadata = try container.exportMetadata(for: name)
    if name == "hymba" {
      // Our own names say nothing of the architecture.
      #expect(metadata[SafetensorsSource.architectureKey] != nil)
      metadata[SafetensorsSource.architectureKey] = nil
    }
    #expect(metadata == checkpoint.metadata)
  }

  @Test("export then import gives the same parameters", arguments: LayoutCase.all)
  func exportThenImport(_ one: LayoutCase) throws {
    let folder = try TemporaryFolder()
    let parameters = try one.parameters()
    let exported = try one.exported(parameters)
    if one.variant.text == nil {
      // What the tools export is this, from a checkpoint under our own names.
      let native = folder.file("native.safetensors")
      try SafetensorsWriter.write(
        parameters, to: native, replace: false,
        metadata: [
          SafetensorsSource.architectureKey: String(
            decoding: one.architecture.json, as: UTF8.self)
        ])
      try FamilyFixture.expectSame(
        FamilyFixture.open(native).exported(to: one.document ?? one.layout.name), exported)
    }
    let model = try one.open(exported, in: folder)
    #expect(model.architecture == one.architecture)
    try FamilyFixture.expectSame(model.parameters, parameters)
  }

  @Test("every rule of every layout maps or carries something in some case")
  func coverage() throws {
    let cases = try LayoutCase.made.get().filter { $0.layout.format == nil }
    for (name, cases) in Dictionary(grouping: cases, by: \.layout.name) {
      let layout = try #require(cases.first?.layout)
      let busy = Set(cases.flatMap(\.plan.rules))
      for (index, rule) in layout.rules.enumerated() {
        if rule.carry == true {
          #expect(try cases.contains { try !$0.carriedNames.isEmpty }, "\(name)")
        } else {
          #expect(busy.contains(index), "\(name): \(layout.ruleLabel(index))")
        }
      }
    }
    let names = Set(cases.map(\.layout.name))
    // Only its config.json tells a Falcon-Mamba from a Mamba, so its recorded sets alone go through its layout.
    let untold: Set = ["hf-falcon-mamba"]
    let known = try Set(LayoutCatalog.builtIn().filter { $0.format == nil }.map(\.name))
    #expect(names == known.subtracting(untold).union(["plum"]))
  }

  @Test("every way in which names may differ is among the cases")
  func variants() {
    let variants = LayoutCase.all.map(\.variant)
    #expect(variants.contains { !$0.prefix.isEmpty && !$0.omitted.isEmpty && !$0.copies.isEmpty })
    #expect(variants.contains { !$0.omitted.isEmpty && !$0.substitutes.isEmpty })
    #expect(variants.contains { $0.sharedLayers.count > 1 })
    // One more property is one more way, which the cases have to learn; wrapped names have tests of their own.
    #expect(
      Mirror(reflecting: NameVariant()).children.map(\.label) == [
        "prefix", "omitted", "copies", "substitutes", "sharedLayers", "wrapped",
      ])
  }
}

extension LayoutCase {
  /// Opens a checkpoint as a user would, from a file.
  fileprivate func open(
    _ source: some CheckpointSource, in folder: TemporaryFolder
  ) throws -> OpenedModel {
    let path = folder.file("checkpoint.safetensors")
    try SafetensorsWriter.write(source, to: path, replace: false, metadata: source.metadata)
    let configuration = try folder.write(architecture.json, to: "architecture.json")
    return try OpenedModel.open(
      ModelInput(paths: [path]), OpeningOptions(configuration: configuration, layout: document))
  }
}
