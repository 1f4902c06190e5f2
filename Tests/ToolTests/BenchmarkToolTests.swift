import TestSupport
import Testing

@Suite("The benchmark programs")
struct BenchmarkToolTests {
  private static let programs = ["forward-benchmark", "decode-benchmark"]

  @Test("no tokens, a negative number and no thread are usage errors", arguments: programs)
  func usage(_ program: String) throws {
    let model = Fixture.folder("hymba-nvidia-tiny")
    let cases = [
      ([model, "0"], "Error: tokens is 0; expected a number from 1 to 65536."),
      ([model, "--", "-1"], "Error: tokens is -1; expected a number from 1 to 65536."),
      ([model, "1", "0"], "Error: jobs is 0; expected a number from 1 to 1024."),
      ([], "Error: Missing expected argument '<model>'"),
    ]
    for (arguments, message) in cases {
      let run = try ToolProcess(program, arguments: arguments)
      #expect(run.status == 64 && run.output == "")
      #expect(run.errors.split(separator: "\n").first.map(String.init) == message)
    }
  }

  @Test("a file that is not there is one sentence", arguments: programs)
  func missing(_ program: String) throws {
    let run = try ToolProcess(program, "none.hymba")
    #expect(run.status == 66 && run.errors == "error: none.hymba: no such file or folder\n")
  }

  @Test(
    "a model whose work is not what is counted is refused",
    arguments: [
      (
        "forward-benchmark",
        "only models of tokens are measured whose layers all have attention beside Mamba and no experts; this is another one"
      ), ("decode-benchmark", "only models of tokens without experts and shared blocks are measured; this is another one"),
    ], ["jamba-tiny", "zamba-tiny", "edifice-hymba-tiny/model.nx"])
  func otherModels(_ program: (name: String, message: String), _ model: String) throws {
    let run = try ToolProcess(program.name, Fixture.folder(model))
    #expect(run.status == 1 && run.output == "")
    #expect(run.errors == "error: \(program.message)\n")
  }

  @Test("the decoding of each type is a line, on a file that is made once")
  func decoding() throws {
    let folder = try TemporaryFolder()
    for _ in 0..<2 {
      let run = try ToolProcess("gguf-benchmark", folder.file("blocks.gguf"), "2")
      #expect(run.status == 0 && run.errors == "")
      #expect(run.output.split(separator: "\n").map { $0.split(separator: " ")[0] } == ["Q8_0", "Q4_K", "Q6_K"])
    }
    let none = try ToolProcess("gguf-benchmark", folder.file("other.gguf"), "0")
    #expect(none.status == 64)
  }

  @Test("the codec of containers is measured in lines of a name, a number and a unit")
  func codec() throws {
    let run = try ToolProcess("codec-benchmark", Fixture.sample("model.safetensors"), "--jobs", "2", "--runs", "1")
    #expect(run.status == 0 && run.errors == "")
    let lines = run.output.split(separator: "\n").map { $0.split(separator: " ") }
    #expect(lines.allSatisfy { $0.count == 3 && Double($0[1]) != nil })
    let names = Set(lines.map { String($0[0]) })
    for level in ["fast", "default", "max"] {
      #expect(names.isSuperset(of: ["F32.\(level).saving", "F32.\(level).encode.1", "F32.\(level).decode.scaling"]))
    }
    #expect(names.contains("F32.sha256.2") && names.contains("F32.xxh3.1"))
    #expect(try ToolProcess("codec-benchmark", "none.hymba").status == 66)
    #expect(try ToolProcess("codec-benchmark", Fixture.sample("model.safetensors"), "--runs", "0").status == 64)
  }

  @Test("what they measure is shown line by line")
  func measured() throws {
    let model = Fixture.folder("hymba-nvidia-tiny")
    let pass = try ToolProcess("forward-benchmark", model, "3", "1")
    #expect(pass.status == 0 && pass.errors == "")
    #expect(
      pass.output.split(separator: "\n").map { $0.prefix(14) } == [
        "matrix product", "forward pass  ", "scan, convolut", "first layer   ", "ratio         ",
        "peak memory   ",
      ])
    let decoding = try ToolProcess("decode-benchmark", model, "3", "1")
    #expect(decoding.status == 0 && decoding.errors == "")
    #expect(
      decoding.output.split(separator: "\n").map { $0.prefix(12) } == [
        "prompt of 25", "  matrix pro", "  ratio     ", "one token, m", "  reading th", "  ratio     ", "4 sequences ",
        "8 sequences ",
      ])
  }
}
