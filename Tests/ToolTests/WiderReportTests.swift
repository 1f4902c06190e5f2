import Foundation
import HymbaModel
import TestSupport
import Testing

/// Random models stand in for checkpoints: what is looked at is the form of the reports.
@Suite("Reports on hybrids with Mamba-2")
struct WiderReportTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func document(_ hybrid: WiderHybrids) throws -> String {
    try folder.write(try hybrid.architecture.json, to: "\(hybrid.rawValue).json")
    return folder.file("\(hybrid.rawValue).json")
  }

  private func container(_ hybrid: WiderHybrids) throws -> String {
    let path = folder.file("\(hybrid.rawValue).hymba")
    let run = try ToolProcess(
      "hymba-convert", "init", "--config", try document(hybrid), "-o", path, "--seed", "7")
    try #require(run.status == 0, "\(run.errors)")
    return path
  }

  private func lines(_ text: String) -> [String] {
    let lines = text.split(separator: "\n").map(String.init)
    for line in lines where !line.hasPrefix("/") { #expect(line.count <= 80, "\(line)") }
    return lines
  }

  private func report(_ hybrid: WiderHybrids) throws -> [String] {
    let run = try ToolProcess("hymba-verify", "forward", try container(hybrid))
    #expect(run.status == 0, "\(run.output)")
    return lines(run.output)
  }

  /// The rows below a line of titles, without their numbers.
  private func words(_ lines: [String], below titles: String) -> [String] {
    guard let title = lines.firstIndex(of: titles) else { return [] }
    return lines[(title + 1)...].prefix { $0.hasPrefix("      ") }.map { line in
      line.split(separator: " ").filter { !$0.contains("%") && !$0.contains(".") }
        .joined(separator: " ")
    }
  }

  @Test("every check passes on fresh weights of every kind", arguments: WiderHybrids.allCases)
  func passes(_ hybrid: WiderHybrids) throws {
    #expect(try report(hybrid).last == "passed")
  }

  @Test("added branches have their sizes and shares beside each other")
  func branches() throws {
    let lines = try report(.falconH1)
    let found = try #require(lines.first { $0.hasPrefix("  layer ") })
    let titles = "layer output stream RMS attn RMS share mamba RMS share"
    #expect(found.split(separator: " ") == titles.split(separator: " "), "\(found)")
    #expect(words(lines, below: found) == ["0 [2, 16, 8]", "1 [2, 16, 8]"])
  }

  @Test("a feed forward alone, experts alone, and a note on sigmoids and the bias")
  func oneOperation() throws {
    let lines = try report(.nemotronH)
    let found = lines.first { $0.hasPrefix("  layer  output") }
    #expect(
      words(lines, below: found ?? "") == [
        "0 [2, 16, 8] mamba", "1 [2, 16, 8] feed forward", "2 [2, 16, 8] attention",
        "3 [2, 16, 8] experts",
      ])
    let note = try #require(lines.firstIndex { $0.hasPrefix("  entropy: ") })
    #expect(
      lines[note...(note + 1)].joined() ==
        "  entropy: of the sigmoids of each position, divided by their sum; load and"
        + "  near-ties: of the choice, in which a learned bias takes part")
    #expect(try !report(.granite).contains { $0.hasPrefix("  entropy: ") })
  }

  @Test("the uses of several blocks are told by block and use")
  func uses() throws {
    let lines = try report(.zamba2)
    let found = try #require(lines.first { $0.hasPrefix("  layer  output") })
    #expect(found.split(separator: " ").suffix(3) == ["share", "shared", "use"])
    #expect(
      words(lines, below: found) == [
        "0 [2, 16, 8] mamba - -", "1 [2, 16, 8] block 0 0", "2 [2, 16, 8] mamba - -",
        "3 [2, 16, 8] block 1 1", "4 [2, 16, 8] block 0 2",
      ])
  }

  private struct Report: Decodable {
    let passed: Bool
    let layers: [Layer]

    struct Layer: Decodable {
      let mixer: String
      let branches: [String: Double]?
      let residual: [String: Double?]?
      let sharedUse: [String: Int]?
      let router: Router?
    }
    struct Router: Decodable {
      let load: [Double], scores: String, hasBias: Bool
    }
  }

  @Test("programs get the same numbers under names of their own")
  func json() throws {
    func report(_ hybrid: WiderHybrids) throws -> Report {
      let run = try ToolProcess("hymba-verify", "forward", try container(hybrid), "--json")
      return try JSONDecoder().decode(Report.self, from: Data(run.output.utf8))
    }
    let falcon = try report(.falconH1)
    #expect(falcon.passed && falcon.layers.allSatisfy { $0.mixer == "parallel" && $0.residual == nil })
    for layer in falcon.layers {
      let branches = try #require(layer.branches)
      #expect(
        branches.keys.sorted()
          == ["attentionRMS", "attentionShare", "mambaRMS", "mambaShare", "streamRMS"])
    }
    let zamba = try report(.zamba2)
    #expect(
      zamba.layers.map(\.sharedUse) == [
        nil, ["block": 0, "use": 0], nil, ["block": 1, "use": 1], ["block": 0, "use": 2],
      ])
    let nemotron = try report(.nemotronH)
    #expect(nemotron.layers.map(\.mixer) == ["mamba", "none", "attention", "none"])
    #expect(nemotron.layers.allSatisfy { $0.residual != nil && $0.branches == nil })
    let router = try #require(nemotron.layers[3].router)
    #expect(router.load.count == 6 && router.scores == "sigmoid" && router.hasBias)
  }

  /// What `hymba-inspect config` says of the layers.
  private func words(_ hybrid: WiderHybrids) throws -> String {
    let run = try ToolProcess("hymba-inspect", "config", try document(hybrid))
    #expect(run.status == 0, "\(run.errors)")
    let lines = lines(run.output)
    let start = lines.firstIndex { $0.hasPrefix("  meta tokens") } ?? 0
    let end = lines.firstIndex { $0.hasPrefix("  parameters") } ?? lines.endIndex
    return lines[(start + 1)..<end].joined(separator: "\n")
  }

  @Test("the architectures in words")
  func texts() throws {
    #expect(
      try words(.zamba2) == """
          layers 0, 2      Mamba-2
            mamba          4 heads of 3 in 2 groups, state 5, conv 3, norm after the
                           gate, time step in [0.01, 0.09]
          layers 1, 3 to 4 a shared block, projected, then Mamba-2
            mamba          4 heads of 3 in 2 groups, state 5, conv 3, norm after the
                           gate, time step in [0.01, 0.09]
          shared blocks    2 in turn, each reads the stream beside what it began with;
                           each use has adapters of rank 2 in attention and feed forward
            attention      4 heads of 4, rotary, scale 0.5
            feed forward   GeGLU, 7
          output           logits, by the embedding of the tokens
        """)
    #expect(
      try words(.nemotronH) == """
          layer 0          Mamba-2
            mamba          4 heads of 3 in 2 groups, state 5, conv 3, norm after the
                           gate, time step in [0.01, 0.09]
          layer 1          a feed forward alone
            feed forward   squared ReLU, 7
          layer 2          attention
            attention      4 heads on 2 key/value heads of 6
          layer 3          a feed forward alone
            feed forward   2 of 6 squared ReLU experts, 7 each, from 2 of 3 groups,
                           latent 4, and a shared one, 9
            router         sigmoid of the scores, chosen with a bias, weights
                           normalised, times 2.5
          output           logits, by a head of its own
        """)
    #expect(
      try words(.falconH1) == """
          layer 0          attention and Mamba-2 in parallel, added
            attention      4 heads on 2 key/value heads of 6, rotary
            mamba          4 heads of 3 in 2 groups, state 5, conv 3
            feed forward   SwiGLU, 7
            multipliers    attention input 1.25, keys 0.75, attention output 0.9, Mamba
                           input 1.5, z 0.6, x 1.4, B 0.8, C 1.2, time step 0.7, Mamba
                           output 0.85, feed forward gate 0.8, feed forward output 1.1
          layer 1          attention and Mamba-2 in parallel, added
            attention      4 heads on 2 key/value heads of 6, rotary
            mamba          4 heads of 3 in 2 groups, state 5, conv 3, norm before the
                           gate
            feed forward   SwiGLU, 7
            multipliers    attention input 1.25, keys 0.75, attention output 0.9, Mamba
                           input 1.5, z 0.6, x 1.4, B 0.8, C 1.2, time step 0.7, Mamba
                           output 0.85, feed forward gate 0.8, feed forward output 1.1
          multipliers      embedding 5.5, logits 0.25
          output           logits, by a head of its own
        """)
    let granite = try words(.granite)
    #expect(granite.contains("    router         softmax of the scores, weights normalised\n"))
    #expect(
      granite.contains(
        "  multipliers      embedding 12.0, what layers add 0.22, logits divided by 8.0\n"))
  }

  @Test("the caches' formula is that of the kinds of Mamba that the model has")
  func formula() throws {
    func formula(_ hybrid: WiderHybrids) throws -> String {
      let run = try ToolProcess("hymba-inspect", "config", try document(hybrid))
      return run.output.split(separator: "\n").map { $0.drop { $0 == " " } }.joined(separator: " ")
    }
    let second = "for each Mamba-2 branch, (conv - 1) * (inner + 2 * groups * state) + inner * state)"
    let first = "for each Mamba branch, (conv - 1 + state) * inner"
    let zamba2 = try formula(.zamba2)
    #expect(zamba2.hasSuffix(second) && !zamba2.contains(first))
    #expect(try formula(.windowed).hasSuffix("\(first); \(second)"))
  }

  /// Caches are those of `totals.json`, two bytes for each number. Active parameters are the total of that file
  /// without the matrices of the experts that are not chosen: layers times idle experts times two matrices, or
  /// three with a gate.
  @Test(
    "released models are beside each other in 80 columns, with the sizes of the originals",
    arguments: [
      (
        ["zamba2-7b", "falcon-h1-7b", "bamba-9b"], [7_356_749_648, 7_585_519_712, 9_780_235_392],
        [372_736, 45_056, 12_288], [38_962_944, 35_076_096, 31_143_680]
      ),
      (
        ["nemotron-3-nano-30b-a3b", "granite-4.0-h-tiny", "nemotron-3-super-120b-a12b"],
        [3_580_076_352, 1_465_470_528, 12_770_237_440], [6144, 8192, 8192],
        [12_482_560, 14_515_200, 43_171_840]
      ),
    ])
  func released(_ names: [String], _ active: [Int], _ perToken: [Int], _ states: [Int]) throws {
    let files = names.map { Fixture.path("released-configurations", "\($0).json") }
    let run = try ToolProcess("hymba-inspect", arguments: ["compare", "--quiet"] + files)
    #expect(run.status == 0, "\(run.errors)")
    _ = lines(run.output)
    let json = try ToolProcess(
      "hymba-inspect", arguments: ["compare", "--quiet", "--json"] + files
    ).json
    let models = try #require(json["models"] as? [[String: Any]])
    func numbers(_ key: String, _ name: String) -> [Int] {
      models.compactMap { ($0[key] as? [String: Any])?[name] as? Int }
    }
    #expect(numbers("parameters", "active") == active)
    #expect(numbers("cache", "bytesPerToken") == perToken)
    #expect(numbers("cache", "stateBytes") == states.map { 2 * $0 })
  }

  @Test("the pattern of a released Nemotron is its own, in other letters")
  func pattern() throws {
    let file = Fixture.path("released-configurations", "nemotron-3-nano-30b-a3b.json")
    let run = try ToolProcess("hymba-inspect", "compare", "--quiet", "--json", file, file)
    let model = try #require((run.json["models"] as? [[String: Any]])?.first)
    let own = "MEMEM*EMEMEM*EMEMEM*EMEMEM*EMEMEM*EMEMEMEM*EMEMEMEME"
    let letters: [Character: Character] = ["M": "d", "E": "F", "*": "a"]
    #expect(model["pattern"] as? String == String(own.compactMap { letters[$0] }))
  }

  @Test("they are beside each other, with a legend of every mark")
  func comparison() throws {
    let documents = try [WiderHybrids.zamba2, .falconH1, .nemotronH].map(document)
    let run = try ToolProcess(
      "hymba-inspect", arguments: ["compare"] + documents)
    #expect(run.status == 0, "\(run.errors)")
    let lines = lines(run.output)
    #expect(
      lines.filter { !$0.hasPrefix("/") }.prefix(5) == [
        "  dtdtt", "  qq", "  dfaF",
        "  a attention; d Mamba-2; q attention and Mamba-2 in parallel; t a shared block,",
        "  then Mamba-2; f a feed forward alone; capital: with experts",
      ])
    func row(_ label: String) -> [Substring] {
      (lines.first { $0.hasPrefix(label + "  ") } ?? "").dropFirst(label.count).split(separator: " ")
    }
    #expect(row("layers") == ["5", "2", "4"])
    // Two bytes for each of the values that are counted by hand beside the caches' tests.
    #expect(row("cache, a further token") == ["192", "B", "96", "B", "48", "B"])
    #expect(
      lines.suffix(4).joined(separator: " ").contains(
        "4 for each channel and state of a scan, 3 in Mamba-2; attention"))
    let json = try ToolProcess(
      "hymba-inspect", arguments: ["compare"] + documents + ["--json"]).json
    let models = try #require(json["models"] as? [[String: Any]])
    #expect(models.map { $0["pattern"] as? String } == ["dtdtt", "qq", "dfaF"])
    #expect(
      models.map { ($0["cache"] as? [String: Int])?["stateBytes"] } == [5 * 248, 2 * 248, 248])
  }
}
