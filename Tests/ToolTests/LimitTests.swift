import HymbaFormat
import TestSupport
import Testing

@Suite("Tools under limits of the system")
struct LimitTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  @Test(
    "too little memory for the libraries is one sentence and no endless wait",
    arguments: [
      ["hymba-verify", "forward", "MODEL"], ["hymba-inspect", "parameters", "MODEL"],
      ["hymba-convert", "MODEL", "-o", "OUT"], ["hymba-convert", "--help"],
    ])
  func memory(_ words: [String]) throws {
    let arguments = words.dropFirst().map {
      $0 == "MODEL" ? Fixture.sample("model.nx") : $0 == "OUT" ? folder.file("m.hymba") : $0
    }
    for kilobytes in [200_000, 300_000, 500_000] {
      let run = try ToolProcess(
        under: "ulimit -v \(kilobytes)", words[0], arguments: Array(arguments))
      #expect(run.status == 74)
      #expect(
        run.errors.hasPrefix("error: this process does not get the ")
          && run.errors.hasSuffix(
            " of address space that its libraries ask for; raise its limit (ulimit -v)\n"),
        "\(run.errors)")
    }
    #expect(try folder.entries == [])
  }

  @Test("a file that may not grow so far is one sentence, and nothing is left of it")
  func fileSize() throws {
    for arguments in [
      ["checkpoints", Fixture.sample("model.nx"), "-o", folder.file("m.hymba")],
      ["export", Fixture.sample("model.nx"), "-o", folder.file("out"), "--shard-size", "200kB"],
    ] {
      let run = try ToolProcess(under: "ulimit -f 100", "hymba-convert", arguments: arguments)
      #expect(run.status == 74)
      #expect(run.errors.hasSuffix(": cannot be written: File too large\n"), "\(run.errors)")
      #expect(run.errors.split(separator: "\n").count == 1)
      #expect(try folder.entries == [])
    }
  }
}
