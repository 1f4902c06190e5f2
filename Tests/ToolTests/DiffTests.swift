import Foundation
import TestSupport
import Testing

@Suite("Differences of checkpoints")
struct DiffTests {
  private let base = Fixture.folder("bamba-tiny")

  /// bamba-tiny with the norms of all layers one larger, and z and x of layer 3 swapped.
  private func changed() throws -> ChangedCheckpoint {
    try ChangedCheckpoint("bamba-tiny") { entries in
      entries = entries.map { entry in
        if entry.name.hasSuffix("input_layernorm.weight") {
          let values = stride(from: 0, to: entry.bytes.count, by: 4).map { start in
            Float(bitPattern: (0..<4).reduce(0) { $0 | UInt32(entry.bytes[start + $1]) << UInt32(8 * $1) }) + 1
          }
          return .init(entry.name, entry.type, entry.dimensions, values.littleEndianBytes)
        }
        guard entry.name == "model.layers.3.mamba.in_proj.weight" else { return entry }
        let part = 64 * 32 * 4
        let bytes = entry.bytes
        return .init(
          entry.name, entry.type, entry.dimensions,
          Array(bytes[part..<2 * part] + bytes[..<part] + bytes[(2 * part)...]))
      }
    }
  }

  @Test("a model and the container made of it do not differ")
  func equal() throws {
    let folder = try TemporaryFolder()
    let container = folder.file("bamba.hymba")
    #expect(try ToolProcess("hymba-convert", base, "-o", container).status == 0)
    let run = try ToolProcess("hymba-inspect", "diff", base, container)
    #expect(run.status == 0, "\(run.errors)")
    #expect(run.output.hasSuffix("\n\ntensors: 73 same\n"), "\(run.output)")
    let json = try ToolProcess("hymba-inspect", "diff", container, base, "--json", "--quiet")
    #expect(json.status == 0 && json.errors == "")
    #expect(try json.json["equal"] as? Bool == true)
    #expect(try json.json["names"] as? String == "parameters")
  }

  @Test("copies of a shared tensor that differ are compared one by one")
  func copies() throws {
    let name = "model.layers.2.shared_transformer.self_attn.q_proj.weight"
    let changed = try ChangedCheckpoint("zamba2-options") { entries in
      entries = entries.map { entry in
        guard entry.name == name else { return entry }
        return .init(entry.name, entry.type, entry.dimensions, Array(entry.bytes.reversed()))
      }
    }
    let run = try ToolProcess(
      "hymba-inspect", "diff", Fixture.folder("zamba2-options"), changed.path, "--json")
    #expect(run.status == 1)
    #expect(run.errors.contains("compared by the names in the files: "))
    let tensors = try #require(try run.json["tensors"] as? [[String: Any]])
    let found = tensors.filter { $0["status"] as? String != "same" }
    #expect(found.map { $0["name"] as? String } == [name])
  }

  @Test("changes as people see them: what they are, and in which layers")
  func text() throws {
    let changed = try changed()
    let run = try ToolProcess("hymba-inspect", "diff", base, changed.path)
    #expect(run.status == 1 && run.errors == "")
    let lines = run.output.split(separator: "\n").dropFirst(2)
    for line in lines { #expect(line.count <= 80, "\(line)") }
    #expect(
      run.output.contains(
        """
        changed   layers.{0..5}.norm.weight [32]
                  +1, bit for bit
        """), "\(run.output)")
    #expect(
      run.output.contains(
        """
        changed   layers.3.mamba.in_proj.weight [168, 32]
                  z and x swapped, bit for bit
        """), "\(run.output)")
    #expect(
      run.output.hasSuffix(
        """

        tensors: 66 same, 7 changed

        layers that changed: 6 of 6
          daddad
          d Mamba-2: 4 of 4
          a attention: 2 of 2

        """), "\(run.output)")
  }

  @Test("changes as programs see them")
  func json() throws {
    let changed = try changed()
    let run = try ToolProcess("hymba-inspect", "diff", base, changed.path, "--json", "--quiet")
    #expect(run.status == 1 && run.errors == "")
    let document = try run.json
    #expect(document["equal"] as? Bool == false)
    let tensors = try #require(document["tensors"] as? [[String: Any]])
    let fused = try #require(tensors.first { $0["name"] as? String == "layers.3.mamba.in_proj.weight" })
    #expect(fused["status"] as? String == "changed")
    let explanation = try #require(fused["explanation"] as? [String: Any])
    #expect(explanation["kind"] as? String == "parts")
    #expect(explanation["detail"] as? String == "z and x swapped")
    #expect(explanation["exact"] as? Bool == true)
    let same = try #require(tensors.first { $0["status"] as? String == "same" })
    #expect(same["explanation"] is NSNull && same["relativeChange"] is NSNull)
    let layers = try #require(document["layers"] as? [String: Any])
    #expect(layers["changed"] as? [Int] == [0, 1, 2, 3, 4, 5])
  }

  @Test("models that are not recognised are compared by the names in the files, with a warning")
  func ownNames() throws {
    let folder = try TemporaryFolder()
    let run = try ToolProcess(
      "hymba-inspect", "diff", Fixture.path("casts", "casts.safetensors"),
      Fixture.path("casts", "casts.safetensors"))
    #expect(run.status == 0 && run.errors.contains("compared by the names in the files"))
    let missing = try ToolProcess("hymba-inspect", "diff", base, folder.file("none"))
    #expect(missing.status == 66 && missing.output == "")
    #expect(missing.errors == "error: \(folder.file("none")): no such file or folder\n")
    #expect(try ToolProcess("hymba-inspect", "diff", base).status == 64)
  }
}
