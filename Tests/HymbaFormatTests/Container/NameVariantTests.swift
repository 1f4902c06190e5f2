import TestSupport
import Testing

@testable import HymbaFormat

@Suite("Container: variants of names")
struct NameVariantTests {
  static let all = NameVariant(
    prefix: "net.“x”.", omitted: "model.", copies: ["lm_head.weight", "b"], substitutes: ["c"],
    sharedLayers: [2, 7], wrapped: ["net.layers.*": "_orig_mod", "net.layers.0.mamba": "module"])

  private func written(_ variant: NameVariant) throws -> Manifest {
    let folder = try TemporaryFolder()
    var description = CheckpointDescription.verbatim()
    description.layout = LayoutReference(name: "edifice", variant: variant)
    try ContainerWriter.test(.none).write(
      MemorySource([.init("t", .uint8, [1], [1])]), description, to: folder.file("c"))
    let source = try ContainerSource(folder.file("c"))
    #expect(try source.findDamage(jobs: 1) == [])
    return source.manifest
  }

  @Test("a variant comes back from a manifest of version 1.2, and none leaves version 1.0")
  func roundTrip() throws {
    let manifest = try written(Self.all)
    #expect(manifest.description.layout.variant == Self.all && manifest.formatVersion == "1.2")
    #expect(try written(NameVariant()).formatVersion == "1.0")
  }

  @Test("a manifest has the sentence for older readers beside the object")
  func both() throws {
    let value = try JSONValue(parsing: written(Self.all).json)
    #expect(
      value["layout"]?["variant"]
        == .string(
          "under net.“x”.; without model.; with lm_head.weight; with b; by c; shared at 2, 7; wrapped net.layers.*: _orig_mod; wrapped net.layers.0.mamba: module"
        ))
    #expect(value["layout"]?["names"]?["sharedLayers"] == .array([.integer(2), .integer(7)]))
    #expect(try JSONValue(parsing: written(NameVariant()).json)["layout"]?["names"] == nil)
  }

  private func variant(_ layout: String) throws -> NameVariant {
    try Manifest(
      json: Array(
        #"{"formatVersion":"1.2","creator":"","headerLength":1016,"layout":{"name":"x",\#(layout)},"tensors":[]}"#
          .utf8)
    ).description.layout.variant
  }

  @Test(
    "a manifest of version 1.1 has the sentence alone, and what it does not mean here is ignored",
    arguments: [
      (#""variant":null"#, NameVariant()),
      (#""variant":"under a.; later x; shared at 3, y""#, NameVariant(prefix: "a.", sharedLayers: [3])),
      (
        #""variant":"without model.; with h; by e; wrapped m.*: w; wrapped odd""#,
        NameVariant(omitted: "model.", copies: ["h"], substitutes: ["e"], wrapped: ["m.*": "w"])
      ),
    ])
  func older(_ layout: String, _ expected: NameVariant) throws {
    #expect(try variant(layout) == expected)
  }

  @Test("the object counts and not the sentence; keys of a later version are ignored")
  func object() throws {
    #expect(
      try variant(#""variant":"under a.","names":{"prefix":"b.","later":[{}],"wrapped":[]}"#)
        == NameVariant(prefix: "b."))
    #expect(try variant(#""variant":"under a.","names":null"#) == NameVariant(prefix: "a."))
  }

  @Test(
    "an object with a value of another type is refused",
    arguments: [
      #""names":[]"#, #""names":{"prefix":1}"#, #""names":{"copies":"a"}"#,
      #""names":{"sharedLayers":["a"]}"#, #""names":{"wrapped":[{"behind":"a"}]}"#,
    ])
  func hostile(_ layout: String) {
    #expect(message { _ = try variant(layout) }?.hasPrefix("the manifest is not valid: ") == true)
  }
}
