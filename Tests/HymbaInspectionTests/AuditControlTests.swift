import Foundation
import HymbaConversion
import HymbaFormat
import HymbaInspection
import TestSupport
import Testing

@Suite("Audits of checkpoints with which nothing is wrong")
struct AuditControlTests {
  /// Every folder of the fixtures that holds a config.json and weights.
  static let recorded: [String] = {
    let files = FileManager.default.enumerator(atPath: Fixture.folder(""))
    let names = (files?.allObjects as? [String] ?? []).filter { $0.hasSuffix("/config.json") }
      .map { String($0.dropLast("/config.json".count)) }
    return names.filter { name in
      let entries = (try? FileManager.default.contentsOfDirectory(atPath: Fixture.folder(name))) ?? []
      return entries.contains { $0.hasPrefix("model") || $0.hasPrefix("pytorch_model") }
    }.sorted()
  }()

  @Test("no recorded set gives an error or a warning", arguments: recorded)
  func recordedSets(_ set: String) throws {
    let options = OpeningOptions(
      layout: set == "user-layout" ? Fixture.path(set, "plum.json") : nil)
    let audit = try CheckpointAudit(Fixture.folder(set), options)
    #expect(audit.findings.filter { $0.severity != .note } == [])
    #expect(audit.tensorCount > 0 && audit.layout != nil)
  }

  @Test("the sets of the fixtures are found")
  func coverage() {
    #expect(Self.recorded.count > 50)
    #expect(Self.recorded.contains("nemotron-h-options") && Self.recorded.contains("doors/hdf5"))
  }

  @Test(
    "nor does a file of another format, named itself",
    arguments: [
      "edifice-hymba-tiny/model.nx", "edifice-hymba-tiny/model.safetensors",
      "edifice-hymba-tiny/bare.nx", "older-container/model.hymba", "doors/npz/model.npz",
      "hymba-nvidia-small-sharded/torch/pytorch_model.bin", "doors/bin/pytorch_model.bin.index.json",
      "bamba-options/model.safetensors.index.json",
    ])
  func files(_ name: String) throws {
    #expect(try AuditedFolder.findings(Fixture.folder(name)) == [])
  }

  @Test("a lone shard lacks nothing, and says which one it is")
  func loneShard() throws {
    for number in 1...3 {
      let name = "model-0000\(number)-of-00003.safetensors"
      let audit = try CheckpointAudit(Fixture.path("bamba-options", name))
      #expect(audit.findings.filter { $0.severity != .note } == [], "\(number)")
      #expect(audit.findings.filter { $0.kind == .oneShard }.map(\.subject) == [name])
      #expect(audit.layout == "hf-bamba")
    }
  }

  @Test("a folder in the cache of Hugging Face is audited as its snapshot")
  func cache() throws {
    let folder = try TemporaryFolder()
    try folder.makeFolder("models--ibm--Bamba/snapshots")
    try folder.link("models--ibm--Bamba/snapshots/1234", to: Fixture.folder("bamba-tiny"))
    let audit = try CheckpointAudit(folder.file("models--ibm--Bamba"))
    #expect(audit.layout == "hf-bamba" && !audit.hasErrors)
  }

  @Test("a model of no known family is a note, with or without a configuration of its own")
  func unknown() throws {
    let folder = try TemporaryFolder()
    let source = try MemorySource([.init("encoder.weight", .float32, [2, 2], .init(repeating: 0, count: 16))])
    try SafetensorsWriter.write(source, to: folder.file("model.safetensors"), replace: false)
    let bare = try CheckpointAudit(folder.path)
    #expect(bare.findings.map(\.kind) == [.configurationMissing, .layout])
    #expect(!bare.hasErrors && bare.layout == nil && bare.tensorCount == 1)
    try folder.write("{\"model_type\": \"bert\", \"hidden_size\": 2}", to: "config.json")
    let known = try CheckpointAudit(folder.path)
    #expect(known.findings.map(\.kind) == [.layout])
    #expect(known.findings[0].severity == .note)
    #expect(known.findings[0].message.contains("“bert”"))
  }

  @Test("a path at which nothing lies is an error of the call")
  func missing() {
    #expect(throws: FileDiagnosis.self) { try CheckpointAudit("/nowhere/model") }
  }
}
