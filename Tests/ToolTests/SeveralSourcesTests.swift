import Foundation
import HymbaFormat
import TestSupport
import Testing

@Suite("Several sources, patterns and metadata of hymba-inspect parameters")
struct SeveralSourcesTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func inspect(_ arguments: String...) throws -> ToolProcess {
    try ToolProcess("hymba-inspect", arguments: ["parameters"] + arguments)
  }

  @discardableResult
  private func write(
    _ tensor: String, to name: String, _ metadata: NameTable<String> = [:]
  ) throws -> String {
    let entry = MemorySource.Entry(tensor, .uint8, [3], [1, 2, 3])
    try SafetensorsWriter.write(
      MemorySource([entry]), to: folder.file(name), replace: true, metadata: metadata)
    return folder.file(name)
  }

  @Test("files that do not belong together are listed one after another, a bad one as an error among them")
  func unrelated() throws {
    let (a, b) = (try write("x", to: "a.safetensors"), try write("y", to: "b.safetensors"))
    let none = folder.file("none.nx")
    let run = try inspect(a, none, b, "--layout", "verbatim")
    #expect(run.status == 66)
    #expect(run.errors == "error: \(none): no such file or folder\n")
    let lines = run.output.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    #expect(lines[0] == a && lines.contains(b))
    #expect(lines[try #require(lines.firstIndex(of: b)) - 1] == "")
    let json = try inspect(a, none, b, "--layout", "verbatim", "--json")
    #expect(json.status == 66)
    let sources = try #require(try json.json["sources"] as? [[String: Any]])
    #expect(sources.map { $0["source"] as? String } == [a, b])
    #expect(sources.allSatisfy { $0["totalParameters"] as? Int == 3 })
  }

  @Test("a pattern in quotes stands for the files that fit it, in the order of their names")
  func pattern() throws {
    for name in ["b1", "a", "b0"] { try write("x", to: name + ".safetensors") }
    func sources(_ pattern: String) throws -> [String] {
      let run = try inspect(folder.file(pattern), "--layout", "verbatim", "--json")
      #expect(run.status == 0)
      let listings = try run.json["sources"] as? [[String: Any]] ?? [run.json]
      return listings.map { FileSystem.name(of: $0["source"] as? String ?? "") }
    }
    #expect(try sources("*.safetensors") == ["a.safetensors", "b0.safetensors", "b1.safetensors"])
    #expect(try sources("b?.safetensors") == ["b0.safetensors", "b1.safetensors"])
    #expect(try sources("b[1-9].safetensors") == ["b1.safetensors"])
    // A file of that very name comes first.
    try write("x", to: "b?.safetensors")
    #expect(try sources("b?.safetensors") == ["b?.safetensors"])
    let none = try inspect(folder.file("c*"))
    #expect(none.status == 66 && none.output == "")
    #expect(none.errors == "error: \(folder.file("c*")): no file or folder fits this pattern\n")
  }

  @Test("all shards of a set are the one checkpoint, and some of them are listed with their numbers")
  func shards() throws {
    let set = Fixture.folder("bamba-options")
    let whole = try inspect(set + "/model-*.safetensors", "--json")
    #expect(whole.status == 0 && whole.errors == "")
    #expect(try whole.json["layout"] as? String == "hf-bamba")
    let total = try inspect(set, "--json").json["totalParameters"] as? Int
    #expect(try whole.json["totalParameters"] as? Int == total)
    let some = try inspect(set + "/model-0000[13]*", "--json")
    #expect(some.status == 0)
    #expect(
      try some.json["notes"] as? [String] == [
        "listed under its own names: these are shards 1, 3 of 3 of a model of the layout hf-bamba",
        "name the folder \(set), or all 3 shards, to list the whole model",
      ])
    let shard = set + "/model-00001-of-00003.safetensors"
    let twice = try inspect(shard, shard)
    #expect(twice.status == 65 && twice.errors.contains("is given twice"))
  }

  @Test("metadata is shown where it is asked for, and long values are cut in text alone")
  func metadata() throws {
    let long = String(repeating: "0123456789", count: 30)
    let path = try write("x", to: "m.safetensors", ["format": "pt", "long": long, "lines": "a\n\u{1B}b"])
    let plain = try inspect(path, "--layout", "verbatim", "--json")
    #expect(try plain.json["metadata"] == nil)
    let json = try inspect(path, "--layout", "verbatim", "--json", "--metadata")
    #expect(
      try json.json["metadata"] as? [String: String]
        == ["format": "pt", "long": long, "lines": "a\n\u{1B}b"])
    let text = try ToolProcess(
      under: "COLUMNS=60; export COLUMNS", "hymba-inspect",
      arguments: ["parameters", path, "--layout", "verbatim", "--metadata"])
    #expect(
      text.output.hasSuffix(
        """

        metadata  value
        format    pt
        lines     a\\u{a}\\u{1b}b
        long      01234567890123456789012345678901… (300 characters)

        """), "\(text.output)")
    let none = try inspect(try write("x", to: "n.safetensors"), "--layout", "verbatim", "--metadata")
    #expect(none.output.hasSuffix("\n\nmetadata: none in the file\n"))
    // The attributes of an HDF5 file and the metadata of a container are theirs.
    let hdf5 = try inspect(Fixture.path("hdf5", "flat.h5"), "--metadata", "--json", "--quiet")
    #expect(try (hdf5.json["metadata"] as? [String: String])?["framework"] == "edifice")
    let container = folder.file("m.hymba")
    #expect(
      try ToolProcess("hymba-convert", path, "-o", container, "--layout", "verbatim").status == 0)
    let kept = try inspect(container, "--metadata", "--json").json["metadata"] as? [String: String]
    #expect(kept?["format"] == "pt" && kept?["long"] == long)
  }
}
