import Foundation
import HymbaConversion
import HymbaFormat
import TestSupport
import Testing

@Suite("GGUF files in the tools")
struct GGUFToolTests {
  private static let wide = Fixture.path("gguf", "jamba-wide/jamba-wide-q4_k_m.gguf")
  private static let parts = (1...3).map { Fixture.path("gguf", "split/mamba-tiny-f16-0000\($0)-of-00003.gguf") }

  private func parameters(_ arguments: [String]) throws -> ToolProcess {
    try ToolProcess("hymba-inspect", arguments: ["parameters"] + arguments)
  }

  @Test("a listing shows the type in which a tensor is stored, and the bytes that it takes")
  func listing() throws {
    let run = try parameters([Self.wide, "--layout", "verbatim", "--metadata"])
    #expect(run.status == 0)
    let lines = run.output.split(separator: "\n").map { $0.split(separator: " ").joined(separator: " ") }
    // 64 rows of a block of 256 elements, which Q6_K stores in 210 bytes and Q4_K in 144.
    #expect(lines.contains("output.weight Q6_K [64, 256] 65.5 kB 13.4 kB"))
    #expect(lines.contains("token_embd.weight Q4_K [64, 256] 65.5 kB 9.22 kB"))
    #expect(lines.contains("output_norm.weight F32 [256] 1.02 kB 1.02 kB"))
    #expect(lines.contains("general.architecture jamba"))
    let json = try parameters([Self.wide, "--layout", "verbatim", "--json"]).json
    let tensors = try #require(json["parameters"] as? [[String: Any]])
    #expect(tensors[0]["dtype"] as? String == "F32" && tensors[0]["storedType"] as? String == "Q6_K")
    #expect(tensors[1]["dtype"] as? String == "F32" && tensors[1]["storedType"] == nil)
  }

  @Test("a split set is opened by its first file, and all files together are one checkpoint")
  func parts() throws {
    let first = try parameters([Self.parts[0], "--layout", "verbatim"])
    #expect(first.status == 0)
    #expect(try parameters(Self.parts + ["--layout", "verbatim"]).output == first.output)
    let second = try parameters([Self.parts[1], "--layout", "verbatim"])
    #expect(second.output == "")
    #expect(
      second.errors
        == "error: \(Self.parts[1]): this is part 2 of 3; name mamba-tiny-f16-00001-of-00003.gguf, which opens all of them\n")
    let folder = try parameters([Fixture.folder("gguf/split"), "--layout", "verbatim"])
    #expect(folder.errors.contains("mamba-tiny-f16-00001-of-00003.gguf") || folder.status == 0, "\(folder.errors)")
    #expect(!folder.errors.contains("mamba-tiny-f16-00002-of-00003.gguf"))
  }

  @Test("a conversion under its own names holds the values, the keys and how they were stored")
  func conversion() throws {
    let folder = try TemporaryFolder()
    let output = folder.file("m.hymba")
    let run = try ToolProcess(
      "hymba-convert", "checkpoints", Self.wide, "--layout", "verbatim", "-o", output)
    #expect(run.status == 0, "\(run.errors)")
    let (made, source) = (try SourceOpener.open(output), try SourceOpener.open(Self.wide))
    #expect(made.tensors.count == source.tensors.count)
    for tensor in source.tensors {
      #expect(try made.bytes(of: tensor) == source.bytes(of: tensor), "\(tensor.name)")
    }
    #expect(made.metadata == source.metadata)
    #expect(
      run.errors.contains("tensors that the GGUF file stores as F16, Q4_K and Q6_K are decoded to F32"))
  }

  @Test("a file that ends within its table is told to be cut short, as one that ends within its data is")
  func cut() throws {
    let folder = try TemporaryFolder()
    let bytes = try InputFile.contents(of: Self.wide, limit: 1 << 20)
    for count in [2000, 500_000] {
      let path = try folder.write(Array(bytes[..<count]), to: "cut.gguf")
      let run = try parameters([path])
      #expect(
        run.status == 65 && run.errors.hasSuffix("; it was cut short, or is damaged: copy or download it again\n"),
        "\(run.errors)")
    }
  }

  @Test("that a compared file is no model is said also where little is")
  func noModel() throws {
    let folder = try TemporaryFolder()
    let source = try SafetensorsSource(Fixture.path("jamba-tiny", "model.safetensors"))
    var entries = try source.tensors.map {
      MemorySource.Entry($0.name, $0.type, $0.shape.dimensions, try source.bytes(of: $0))
    }
    entries.removeLast()
    try SafetensorsWriter.write(MemorySource(entries), to: folder.file("model.safetensors"), replace: false)
    try folder.link("config.json", to: Fixture.path("jamba-tiny", "config.json"))
    let run = try ToolProcess("hymba-inspect", "diff", Fixture.folder("jamba-tiny"), folder.path, "--quiet")
    #expect(run.status == 1 && run.errors.hasPrefix("warning: \(folder.path): compared "), "\(run.errors)")
  }
}
