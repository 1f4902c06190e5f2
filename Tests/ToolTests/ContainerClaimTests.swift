import Foundation
import HymbaFormat
import TestSupport
import Testing

@Suite("What a container says of itself")
struct ContainerClaimTests {
  private let folder: TemporaryFolder
  private static let damaged = "layers.0.attention.q_proj.weight"

  init() throws { folder = try TemporaryFolder() }

  /// A container of the recorded set with one changed bit in a tensor, and its fingerprint as it was.
  private func container(_ compression: String, damage: Bool = true) throws -> (String, String) {
    let path = folder.file("c.hymba")
    let process = try ToolProcess(
      "hymba-convert", Fixture.path("edifice-hymba-tiny", "model.nx"), "--compression", compression,
      "-o", path)
    try #require(process.status == 0)
    let source = try ContainerSource(path)
    let position = try #require(
      source.manifest.tensors.firstIndex { $0.descriptor.name == Self.damaged })
    if damage {
      let place = source.storedRanges[position].lowerBound + 5
      let handle = try FileHandle(forUpdating: URL(filePath: path))
      try handle.seek(toOffset: UInt64(place))
      let byte = try #require(try handle.read(upToCount: 1)?.first)
      try handle.seek(toOffset: UInt64(place))
      try handle.write(contentsOf: [byte ^ 0x10])
      try handle.close()
    }
    return (path, "\(source.fingerprint)")
  }

  @Test(
    "no command makes anything of a damaged container, and each names the tensor",
    arguments: [
      ["hymba-convert", "export", "IN", "-o", "OUT.safetensors"],
      ["hymba-convert", "export", "IN", "-o", "OUT.safetensors", "--no-verify"],
      ["hymba-convert", "export", "IN", "-o", "OUT.nx"],
      ["hymba-convert", "export", "IN", "--layout", "hymba", "-o", "OUT"],
      ["hymba-convert", "export", "IN", "-o", "OUT.hymba"],
      ["hymba-convert", "checkpoints", "IN", "-o", "OUT.hymba"],
      ["hymba-convert", "checkpoints", "IN", "-o", "OUT.hymba", "--no-verify", "--dtype", "F16"],
      ["hymba-inspect", "parameters", "IN", "--fingerprint"],
    ])
  func refused(_ command: [String]) throws {
    let (path, _) = try container("none")
    let words = ["IN": path].merging(
      ["OUT", "OUT.safetensors", "OUT.nx", "OUT.hymba"].map { ($0, folder.file($0)) }
    ) { $1 }
    let process = try ToolProcess(
      command[0], arguments: command.dropFirst().map { words[$0] ?? $0 })
    #expect(process.status == 1)
    #expect(
      process.errors
        == "error: \(path): the tensor “\(Self.damaged)” is damaged: its stored bytes have another XXH3 than the manifest says; copy, download or convert the checkpoint again; hymba-verify container lists all that is damaged\n"
    )
    #expect(process.output.isEmpty)
    let files = try folder.entries.filter { $0 != "c.hymba" }
    #expect(files == [] || files == ["OUT"])
    if files == ["OUT"] {
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder.file("OUT")) == [])
    }
  }

  @Test("a quick check finds a changed bit, raw or compressed", arguments: ["none", "zstd"])
  func quickDamage(_ compression: String) throws {
    let (path, _) = try container(compression)
    let check = try ToolProcess("hymba-verify", "container", path, "--quick")
    #expect(check.status == 1 && check.output == "")
    #expect(
      check.errors
        == "error: \(path): the tensor “\(Self.damaged)” is damaged: its stored bytes have another XXH3 than the manifest says\n"
    )
  }

  @Test("a quick check says what it did not compare, and shows no fingerprint")
  func quick() throws {
    let (path, _) = try container("zstd", damage: false)
    let check = try ToolProcess("hymba-verify", "container", path, "--quick")
    #expect(check.status == 0 && check.errors == "")
    let count = try ContainerSource(path).tensors.count
    #expect(
      check.output
        == "\(path): header, manifest and \(count) tensors are as they were written\nnot verified: the SHA-256 of tensors and the fingerprint, as --quick asks\n"
    )
    #expect(try ToolProcess("hymba-verify", "container", path, "--quick", "--json").json["sha256"] as? Bool == false)
    #expect(try ToolProcess("hymba-verify", "container", path, "--json").json["sha256"] as? Bool == true)
  }

  @Test("a fingerprint that was not computed is said to be the manifest's, and one that was is not")
  func basis() throws {
    let (path, fingerprint) = try container("zstd", damage: false)
    for (command, basis) in [
      (["parameters", path], "manifest"), (["container", path], "manifest"),
      (["parameters", path, "--fingerprint"], "tensors"),
    ] {
      let text = try ToolProcess("hymba-inspect", arguments: command)
      let claim = "as the manifest says; the tensors were not read:\n"
      #expect(
        text.output.hasSuffix(
          (basis == "manifest" ? claim : "\n") + "fingerprint  \(fingerprint)\n"))
      #expect(text.output.contains(claim) == (basis == "manifest"))
      let json = try ToolProcess("hymba-inspect", arguments: command + ["--json"]).json
      #expect(json["fingerprint"] as? String == fingerprint)
      #expect(json["fingerprintBasis"] as? String == basis)
    }
    let other = try ToolProcess(
      "hymba-inspect", "parameters", Fixture.path("edifice-hymba-tiny", "model.nx"), "--json"
    ).json
    #expect(other["fingerprint"] is NSNull && other["fingerprintBasis"] is NSNull)
  }
}
