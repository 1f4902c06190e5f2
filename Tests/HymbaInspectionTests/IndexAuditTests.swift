import Foundation
import HymbaConversion
import HymbaFormat
import HymbaInspection
import TestSupport
import Testing

@Suite("Audits of an index against its shards")
struct IndexAuditTests {
  private static let index = "model.safetensors.index.json"
  private static func shard(_ number: Int, of count: Int = 3) -> String {
    "model-0000\(number)-of-0000\(count).safetensors"
  }

  private let folder: AuditedFolder

  init() throws { folder = try AuditedFolder("bamba-options") }

  private static let name = "model.layers.1.mamba.D"
  private func home() throws -> String {
    try #require(try ShardIndex(reading: folder.folder.file(Self.index)).weightMap[Self.name])
  }

  @Test("a tensor that the index names and no shard has")
  func missing() throws {
    let home = try home()
    try folder.rewrite(home) { $0.removeAll { $0.name == Self.name } }
    let found = try folder.findings()
    #expect(
      found.first
        == Finding(
          .tensorMissing, .error, Self.name,
          "is in no shard: \(Self.index) puts it into \(home), which does not have it"))
    #expect(Set(found.map(\.kind)) == [.tensorMissing, .parameterMissing, .totalSize])
  }

  @Test("a tensor that a shard has and the index does not name")
  func unnamed() throws {
    let home = try home()
    try folder.changeIndex { $1[Self.name] = nil }
    #expect(
      try folder.findings() == [
        Finding(
          .tensorUnnamed, .error, Self.name,
          "is in \(home), and \(Self.index) does not name it")
      ])
  }

  @Test("a tensor in another shard than the index says")
  func elsewhere() throws {
    let home = try home()
    let other = Self.shard(home == Self.shard(1) ? 2 : 1)
    try folder.changeIndex { $1[Self.name] = other }
    #expect(
      try folder.findings() == [
        Finding(
          .tensorElsewhere, .error, Self.name,
          "is in \(home), and \(Self.index) puts it into \(other)")
      ])
  }

  @Test("a tensor in two shards")
  func twice() throws {
    let home = try home()
    let other = Self.shard(home == Self.shard(1) ? 2 : 1)
    let source = try SafetensorsSource(folder.folder.file(home))
    let tensor = try #require(source.tensors[Self.name])
    try folder.rewrite(other) {
      $0.append(.init(Self.name, tensor.type, tensor.shape.dimensions, try source.bytes(of: tensor)))
    }
    let found = try folder.findings()
    #expect(found.map(\.kind) == [.tensorTwice, .totalSize])
    #expect(found[0].subject == Self.name && found[0].message == "is in \(home) and in \(other)")
  }

  @Test("tensors of several layers are one finding")
  func folded() throws {
    try folder.changeIndex { _, map in
      for name in map.keys where name.hasSuffix("input_layernorm.weight") { map[name] = nil }
    }
    let found = try folder.findings()
    #expect(found.allSatisfy { $0.kind == .tensorUnnamed })
    #expect(found.count <= 3 && found.contains { $0.subject.contains("model.layers.{") })
  }

  @Test("a total size that is not that of the tensors, and none")
  func totalSize() throws {
    try folder.changeIndex { index, _ in index["metadata"] = ["total_size": 5] }
    #expect(
      try folder.findings() == [
        Finding(
          .totalSize, .warning, Self.index,
          "says total_size 5, and the tensors of its shards have 169568 bytes")
      ])
    try folder.changeIndex { index, _ in index["metadata"] = ["total_size": 169568.0] }
    #expect(try folder.findings() == [])
    try folder.changeIndex { index, _ in index["metadata"] = nil }
    #expect(try folder.findings() == [])
  }

  @Test("a missing shard is named, and its tensors are not called missing one by one")
  func shardMissing() throws {
    try folder.folder.remove(Self.shard(2))
    let found = try folder.findings()
    let count = try ShardIndex(reading: folder.folder.file(Self.index)).weightMap.count {
      $0.value == Self.shard(2)
    }
    #expect(
      found == [
        Finding(
          .shardMissing, .error, Self.shard(2),
          "is not there, and \(Self.index) puts \(count) tensors into it")
      ])
  }

  @Test("a damaged shard is named, and its tensors are not called missing either")
  func shardDamaged() throws {
    try folder.change(Self.shard(2)) { $0 = Array($0[..<20]) }
    #expect(try folder.findings().map(\.kind) == [.truncated])
    try folder.folder.remove(Self.shard(2))
    try folder.folder.link(Self.shard(2), to: Fixture.path("bamba-options", Self.shard(2)))
    try folder.change(Self.shard(2)) { $0.removeLast(7) }
    #expect(try folder.findings().map(\.kind) == [.truncated])
  }

  @Test("a shard of the same set that the index does not name, and shards of another set")
  func further() throws {
    try folder.folder.link(Self.shard(2, of: 5), to: folder.folder.file(Self.shard(2)))
    try folder.folder.link(Self.shard(4, of: 5), to: folder.folder.file(Self.shard(1)))
    #expect(
      try folder.findings() == [
        Finding(
          .staleShard, .warning, Self.shard(2, of: 5),
          "and 1 more of 5 shards belong to a set that nothing names, as an earlier save leaves it")
      ])
    let tensors = try SafetensorsSource(folder.folder.file(Self.shard(3))).tensors.map(\.name)
    try folder.changeIndex { _, map in for name in tensors { map[name] = nil } }
    let found = try folder.findings()
    #expect(found.contains { $0.kind == .shardUnnamed && $0.subject == Self.shard(3) })
    #expect(found.contains { $0.kind == .parameterMissing })
  }

  @Test("a single file beside an index, and which program takes which")
  func rival() throws {
    try folder.folder.link("model.safetensors", to: Fixture.path("bamba-tiny", "model.safetensors"))
    let found = try folder.findings()
    #expect(
      found == [
        Finding(
          .secondSet, .warning, "model.safetensors",
          "lies beside an index of shards, and it has other tensors: transformers takes this file, vLLM the shards"
        )
      ])
    // An index that names the single file is one set.
    let one = try AuditedFolder("bamba-tiny")
    let map = try SafetensorsSource(one.folder.file("model.safetensors")).tensors.map {
      "\"\($0.name)\": \"model.safetensors\""
    }
    try one.folder.write("{\"weight_map\": {\(map.joined(separator: ","))}}", to: Self.index)
    #expect(try one.findings() == [])
    // PyTorch's file beside safetensors is usual.
    try one.folder.write("whatever", to: "pytorch_model.bin")
    #expect(try one.findings() == [])
  }

  @Test("shards without an index, whole and with one missing")
  func noIndex() throws {
    try folder.folder.remove(Self.index)
    #expect(try folder.findings().map(\.kind) == [.indexMissing])
    try folder.folder.remove(Self.shard(3))
    let found = try folder.findings()
    #expect(found.map(\.kind) == [.shardMissing, .indexMissing])
    #expect(found[0].subject == Self.shard(3))
  }

  @Test("an index that is no index")
  func invalid() throws {
    try folder.folder.remove(Self.index)
    try folder.folder.write("{\"weight_map\": {\"a\": \"../b\"}}", to: Self.index)
    let found = try folder.findings()
    #expect(found.contains { $0.kind == .index && $0.subject == Self.index })
  }

  @Test("a lone shard with the marks of another family's layout is a part of its configuration's model")
  func marksOfAnother() throws {
    // Without in_proj and the gated norm, these names are all in a Zamba2 too.
    let part = try ChangedCheckpoint("bamba-tiny") { entries in
      entries.removeAll { entry in
        entry.name.contains("layers") && !entry.name.contains("layers.0.mamba")
          || entry.name.hasSuffix("in_proj.weight") || entry.name.hasSuffix("mamba.norm.weight")
      }
    }
    let folder = try TemporaryFolder()
    try folder.link("config.json", to: "\(part.path)/config.json")
    let shard = "model-00001-of-00006.safetensors"
    try folder.link(shard, to: "\(part.path)/model.safetensors")
    let audit = try CheckpointAudit(folder.file(shard), OpeningOptions())
    #expect(audit.findings.allSatisfy { $0.severity != .error }, "\(audit.findings)")
  }

  @Test("a lone shard is compared with the index beside it")
  func loneShard() throws {
    let home = try home()
    try folder.changeIndex { $1[Self.name] = nil }
    #expect(try folder.findings(home).map(\.kind) == [.tensorUnnamed])
  }
}
