import Foundation
import TestSupport
import Testing

@Suite("Comparing hybrids")
struct CompareTests {
  private let released = ["hymba-1.5b", "jamba-v0.1", "zamba-7b-v1"].map {
    Fixture.path($0, "config.json")
  }

  /// The numbers are those of reference/hybrid_sizes.py, bytes twice its values.
  @Test("the released models side by side, as people see them")
  func text() throws {
    let run = try ToolProcess("hymba-inspect", "compare", released[0], released[1], released[2])
    #expect(run.status == 0 && run.errors == "")
    #expect(
      run.output == """
        \(released[0])
          pwwwwwwwwwwwwwwpwwwwwwwwwwwwwwwp
        \(released[1])
          mMmMaMmMmMmMaMmMmMmMaMmMmMmMaMmM
        \(released[2])
          mmsmmmmsmmmmmsmmmmmsmmmmmsmmmmmsmmmmmsmmmmmsmmmmmsmmmmmsmmmmmsmmmmmsmmmmmsmm
          m Mamba; a attention; p attention and Mamba in parallel; w the two in
          parallel, attention in a window; s the shared block, then Mamba; capital: with
          experts

                                     hymba-1.5b      jamba-v0.1     zamba-7b-v1
        layers                               32              32              76
        hidden size                       1,600           4,096           3,712
        parameters                1,522,797,824  51,570,323,328   7,232,490,496
          input                      51,201,600     268,435,456     118,784,000
          meta tokens                   204,800               -               -
          norms                         104,000         266,240         285,824
          attention                 108,032,000     167,772,160               -
          mamba                     353,796,224   2,948,636,544   6,576,030,720
          fusion                    164,044,800               -               -
          shared block                        -               -     537,389,952
          feed forward              845,414,400   2,818,572,288               -
          experts                             -  45,098,205,184               -
          output                              -     268,435,456               -
        active for a token        1,522,797,824  12,110,311,296   7,232,490,496
        cache, a further token          5.76 kB         16.4 kB          386 kB
        cache, 8,192 tokens             78.9 MB          134 MB         3.16 GB
          and states                    3.89 MB         8.72 MB         21.4 MB
        multiply-adds a token     1,526,888,000  11,851,923,456  11,556,614,144
          and attention at 8,192    280,305,600     268,435,456   1,581,252,608

        Caches: keys and values at 2 bytes a value; a further token is one beyond all
        windows. Multiply-adds: every matrix that a token is multiplied with, once for
        each use; convolutions; 4 for each channel and state of a scan; attention over
        all positions that it sees.

        """)
    for line in run.output.split(separator: "\n") where !line.hasPrefix("/") {
      #expect(line.count <= 80, "\(line)")
    }
  }

  @Test("checkpoints and configurations together, as programs see them")
  func json() throws {
    let run = try ToolProcess(
      "hymba-inspect", "compare", Fixture.folder("jamba-tiny"),
      Fixture.path("zamba-tiny", "config.json"), Fixture.path("edifice-hymba-tiny", "model.nx"),
      "--json")
    #expect(run.status == 0)
    let models = try #require(run.json["models"] as? [[String: Any]])
    #expect(models.map { $0["name"] as? String } == ["jamba-tiny", "zamba-tiny", "model"])
    #expect(models.map { $0["pattern"] as? String } == ["mMaMmMaM", "mmsmsmms", "pp"])
    func numbers(_ index: Int, _ key: String) -> [String: Int] {
      (models[index][key] as? [String: Any])?.compactMapValues { $0 as? Int } ?? [:]
    }
    #expect(numbers(0, "parameters") == ["total": 154_642, "active": 117_778])
    #expect(
      numbers(0, "cache") == [
        "context": 8192, "keyValueBytes": 2 * 524_288, "stateBytes": 2 * 4224,
        "bytesPerToken": 2 * 64,
      ])
    #expect(
      numbers(0, "multiplyAdds") == [
        "context": 8192, "perToken": 123_136, "attention": 1_048_576,
      ])
    #expect(numbers(1, "parameters") == ["total": 94_080, "active": 94_080])
    #expect(
      numbers(1, "cache") == [
        "context": 8192, "keyValueBytes": 2 * 3_145_728, "stateBytes": 2 * 5632,
        "bytesPerToken": 2 * 384,
      ])
    #expect(
      numbers(1, "multiplyAdds") == [
        "context": 8192, "perToken": 145_408, "attention": 3_145_728,
      ])
    let parts = (models[1]["parameters"] as? [String: Any])?["parts"] as? [[String: Any]] ?? []
    #expect(
      parts.map { "\($0["part"] ?? "") \($0["parameters"] ?? "")" } == [
        "input 2048", "norms 288", "mamba 68096", "shared block 23648",
      ])
  }

  @Test("more models than fit in 80 columns go into tables below each other")
  func several() throws {
    let run = try ToolProcess(
      "hymba-inspect", "compare", released[0], released[1], released[2],
      Fixture.folder("zamba-tiny"))
    #expect(run.status == 0)
    let lines = run.output.split(separator: "\n").filter { !$0.hasPrefix("/") }
    #expect(lines.allSatisfy { $0.count <= 80 })
    #expect(lines.filter { $0.hasPrefix("parameters ") }.count == 2)
    #expect(lines.contains { $0.hasPrefix("parameters ") && $0.hasSuffix(" 94,080") })
  }

  @Test("every model is tried, and the first failure decides")
  func failures() throws {
    let folder = try TemporaryFolder()
    let huge = try folder.write(
      #"{"model_type":"jamba","hidden_size":8388608,"intermediate_size":16777216}"#,
      to: "huge.json")
    let missing = folder.file("missing.json")
    let run = try ToolProcess("hymba-inspect", "compare", huge, missing, released[0])
    #expect(run.status == 65 && run.output == "")
    #expect(
      run.errors
        == "error: \(huge): mamba_expand * hidden_size * (mamba_d_conv + mamba_d_state) is 335544320; expected at most 67108864\nerror: \(missing): no such file or folder\n"
    )
    #expect(try ToolProcess("hymba-inspect", "compare").status == 64)
  }

  @Test("one model is a column of its own, also a folder with its configuration alone")
  func one() throws {
    let folder = try TemporaryFolder()
    try folder.makeFolder("zamba")
    try folder.link("zamba/config.json", to: released[2])
    let run = try ToolProcess("hymba-inspect", "compare", folder.file("zamba"))
    #expect(run.status == 0 && run.errors == "")
    let lines = run.output.split(separator: "\n")
    #expect(lines[0] == Substring(folder.file("zamba")))
    #expect(lines.contains { $0.split(separator: " ") == ["zamba"] })
    #expect(lines.contains { $0.split(separator: " ") == ["parameters", "7,232,490,496"] })
    let json = try ToolProcess("hymba-inspect", "compare", released[0], "--json").json
    #expect((json["models"] as? [Any])?.count == 1)
  }

  @Test("names too long for their columns lose their middle, so that like ones can be told apart")
  func likeNames() throws {
    let folder = try TemporaryFolder()
    for name in ["a-model-of-a-very-long-name-base", "a-model-of-a-very-long-name-chat"] {
      try folder.link(name + ".json", to: released[0])
    }
    let run = try ToolProcess(
      under: "COLUMNS=70; export COLUMNS", "hymba-inspect",
      arguments: ["compare"] + (try folder.entries).map(folder.file))
    let titles = try #require(run.output.split(separator: "\n").first { $0.contains("…") })
    #expect(titles.hasSuffix("-chat") && titles.contains("-base "))
  }

  @Test("the architecture of a Zamba in words")
  func words() throws {
    let run = try ToolProcess("hymba-inspect", "config", Fixture.folder("zamba-tiny"))
    #expect(run.status == 0)
    #expect(
      run.output.contains(
        """
          meta tokens      none
          layers           0 to 1, 3, 5 to 6
            mixer          Mamba
            mamba          2 heads of 32, state 8, rank 3, conv 4
          layers 2, 4, 7   the shared block, projected, then Mamba
            mamba          2 heads of 32, state 8, rank 3, conv 4
          shared block     reads the stream beside what it began with
            attention      4 heads of 16, scale 0.35355338
            feed forward   GeGLU, 64
          output           logits, by the embedding of the tokens

        """), "\(run.output)")
    let jamba = try ToolProcess("hymba-inspect", "config", Fixture.folder("jamba-tiny"))
    #expect(jamba.output.contains("    feed forward   2 of 4 SwiGLU experts, 48 each\n"))
    for line in (run.output + jamba.output).split(separator: "\n") where !line.hasPrefix("/") {
      #expect(line.count <= 80, "\(line)")
    }
  }

  @Test("layers that are not those of the weights end a conversion with exit code 1")
  func disagreement() throws {
    let folder = try TemporaryFolder()
    let checkpoint = try ChangedCheckpoint("zamba-tiny") { _ in
    } configuration: { text in
      text.replacing(
        "\"mamba\",\n    \"mamba\",\n    \"hybrid\"",
        with: "\"mamba\",\n    \"hybrid\",\n    \"mamba\"")
    }
    let run = try ToolProcess(
      "hymba-convert", checkpoint.path, "-o", folder.file("m.hymba"))
    #expect(run.status == 1)
    #expect(
      run.errors.hasPrefix(
        "error: \(checkpoint.path): config.json and the tensors disagree: layer 1 should be the shared block and Mamba, but there is “model.layers.1.input_layernorm.weight”; layer 2 should be Mamba, but there is “model.layers.2.linear.weight”; layer 6"
      ), "\(run.errors)")
    #expect(try folder.entries == [])
  }
}
