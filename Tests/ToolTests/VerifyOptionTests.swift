import Foundation
import HymbaFormat
import TestSupport
import Testing

@Suite("Options of hymba-verify forward")
struct VerifyOptionTests {
  private let folder: TemporaryFolder
  private let model = ForwardRun.model
  private let recorded = ForwardRun.recorded

  init() throws { folder = try TemporaryFolder() }

  private func input(_ run: ToolProcess) throws -> [String: Any] {
    try #require(try run.json["input"] as? [String: Any])
  }

  @Test("token ids are given in the command or in a file, between commas or white space")
  func tokens() throws {
    let file = try folder.write("1, 5\n9\t12,3\n", to: "ids.txt")
    for (ids, count) in [("1,5,9", 3), ("1 5 9 2", 4), ("@" + file, 5)] {
      let run = try ForwardRun.verify("--tokens", ids, "--json")
      #expect(run.status == 0, "\(run.output)\(run.errors)")
      let input = try input(run)
      #expect(input["origin"] as? String == "--tokens")
      #expect(input["shape"] as? [Int] == [1, count])
    }
  }

  @Test("tokens that cannot be are one sentence")
  func wrongTokens() throws {
    let missing = folder.file("none.txt")
    let blank = try folder.write("\n", to: "blank.txt")
    for (ids, status, message) in [
      (
        "1,-5", Int32(64),
        "--tokens: “-5” is not a token id; expected a whole number from 0 on"
      ),
      (
        "1,x\u{1B}[2J", 64,
        "--tokens: “x\\u{1b}[2J” is not a token id; expected a whole number from 0 on"
      ),
      (
        "1,,5", 64,
        "--tokens: there is nothing where token id 2 should be: each comma stands between two ids"
      ),
      (
        "1,5,", 64,
        "--tokens: there is nothing where token id 3 should be: each comma stands between two ids"
      ),
      ("@" + blank, 64, "--tokens: there is no token id"),
      ("1,64", 64, "--tokens: the token id 64 is outside of the vocabulary of 64"),
      (
        ",", 64,
        "--tokens: there is nothing where token id 1 should be: each comma stands between two ids"
      ),
      ("@" + missing, 66, "\(missing): no such file or folder"),
    ] {
      let run = try ForwardRun.verify("--tokens=" + ids)
      #expect(run.status == status && run.output == "")
      #expect(run.errors == "error: \(message)\n")
    }
    let negative = try ForwardRun.verify("--tokens", "-1,5")
    #expect(
      negative.status == 64
        && negative.errors
          == "error: --tokens: “-1” is not a token id; expected a whole number from 0 on\n"
    )
    let both = try ForwardRun.verify("--tokens", "1,2", "--input", recorded)
    #expect(both.status == 64)
    #expect(
      both.errors.hasPrefix("error: --tokens and --input both give the input; pass one\n"))
  }

  @Test("--input gives the input, and --expect the values only")
  func inputs() throws {
    let captures = try SafetensorsSource(recorded)
    let logits = try #require(captures.tensors["logits"])
    let path = folder.file("logits.safetensors")
    try SafetensorsWriter.write(
      MemorySource([
        .init("logits", logits.type, logits.shape.dimensions, try captures.bytes(of: logits))
      ]), to: path, replace: false)
    let run = try ForwardRun.verify("--input", recorded, "--expect", path, "--json")
    #expect(run.status == 0)
    #expect(try input(run)["origin"] as? String == "expected.safetensors")
    #expect((try run.json["comparison"] as? [Any])?.count == 1)
    // The probe has another length, which is said before anything is computed.
    let probe = try ForwardRun.verify("--expect", path)
    #expect(probe.status == 1 && probe.output == "")
    #expect(
      probe.errors
        == "error: \(path): no capture in it can be one of this model: “logits” has the shape [2, 20, 64], and this model computes [2, 16, 64] for this input; it holds no input, so the model would run on the probe\n"
    )
    let without = try ForwardRun.verify("--input", path)
    #expect(without.status == 1)
    #expect(
      without.errors
        == "error: logits.safetensors: there is no tensor “input_ids” to use as the input\n")
  }

  @Test("--perplexity scores the next tokens, or says why it cannot")
  func perplexity() throws {
    let run = try ForwardRun.verify("--tokens", "1,5,9,2", "--perplexity", "--json")
    let score = try #require(try run.json["tokenScore"] as? [String: Any])
    #expect(run.status == 0 && score["count"] as? Int == 3)
    #expect(
      try ForwardRun.verify("--tokens", "1,5,9,2", "--perplexity").output.contains(
        "\n  next tokens: cross-entropy "))
    #expect(try ForwardRun.verify("--tokens", "1,5", "--json").json["tokenScore"] is NSNull)
    let one = try ForwardRun.verify("--tokens", "1", "--perplexity")
    #expect(one.status == 64 && one.output == "")
    #expect(
      one.errors
        == "error: --tokens: the prediction of next tokens cannot be scored: no position of the input has a next token to score\n"
    )
  }

  @Test("--attention reports one head, as a matrix in JSON and as a line in text")
  func attention() throws {
    let run = try ForwardRun.verify("--attention", "2,1", "--tokens", "1,5,9", "--checks", "numbers", "--json")
    let found = try #require(try run.json["attention"] as? [String: Any], "\(run.errors)")
    #expect(found["layer"] as? Int == 2 && found["head"] as? Int == 1)
    #expect(found["keyValueHead"] as? Int == 0 && found["metaCount"] as? Int == 3)
    let weights = try #require(found["weights"] as? [[Double]])
    #expect(weights.map(\.count) == [6, 6, 6])
    #expect(weights.allSatisfy { abs($0.reduce(0, +) - 1) < 1e-6 })
    #expect(weights[0][4] == 0 && weights[0][5] == 0 && weights[2][5] > 0)
    #expect(
      try ForwardRun.verify("--attention", "2,1", "--tokens", "1,5,9").output.contains(
        "\n  attention: layer 2, head 1: 3 x 6 weights, in --json and --report\n"))
    #expect(try ForwardRun.verify("--quick", "--json").json["attention"] is NSNull)
  }

  @Test("a head that there is not is wrong usage")
  func wrongAttention() throws {
    for (head, message) in [
      ("4,0", "error: --attention: there is no layer 4; the model has layers 0 to 3\n"),
      ("0,4", "error: --attention: layer 0 has no head 4; it has heads 0 to 3\n"),
    ] {
      let run = try ForwardRun.verify("--attention", head)
      #expect(run.status == 64 && run.output == "" && run.errors == message)
    }
    for head in ["3", "1,x", "-1,0", "1,2,3", ""] {
      let run = try ForwardRun.verify("--attention", head)
      #expect(
        run.status == 64
          && run.errors.hasPrefix(
            "error: --attention is “\(head)”; expected a layer and a head counted from 0, like 3,0\n"),
        "\(run.errors)")
    }
  }

  @Test("--tolerance is what a capture passes by")
  func tolerance() throws {
    #expect(try ForwardRun.verify("--expect", recorded).status == 0)
    let strict = try ForwardRun.verify("--expect", recorded, "--tolerance", "1e-9", "--json")
    #expect(strict.status == 1)
    #expect(try strict.json["firstDivergence"] is String)
    for (option, value) in [
      ("--tolerance", "-1"), ("--tolerance", "nan"), ("--nmse", "-1e-9"), ("--nmse", "inf"),
      ("--tolerance", "1e400"),
    ] {
      let run = try ForwardRun.verify(option, value)
      #expect(
        run.status == 64
          && run.errors.hasPrefix("error: \(option) is ")
          && run.errors.contains("expected a finite number from 0 on\n"), "\(run.errors)")
    }
  }

  @Test("--tolerance holds for every check, --nmse for the comparison, and the failed one is named")
  func bounds() throws {
    func failed(_ options: String...) throws -> (checks: [String], by: Set<String>) {
      let json = try ToolProcess(
        "hymba-verify",
        arguments: ["forward", model, "--expect", recorded, "--json"] + options
      ).json
      let checks = try #require(json["checks"] as? [[String: Any]])
      let lines = try #require(json["comparison"] as? [[String: Any]])
      return (
        checks.filter { $0["outcome"] as? String == "failed" }.compactMap { $0["name"] as? String },
        Set(lines.compactMap { $0["failed"] as? String })
      )
    }
    let strict = try failed("--tolerance", "1e-12")
    #expect(strict.checks == ["batch independence", "decoding", "reference"])
    #expect(strict.by == ["error"])
    let nmse = try failed("--nmse", "1e-20")
    #expect(nmse.checks == ["reference"] && nmse.by == ["nmse"])
    #expect(try failed("--tolerance", "1", "--nmse", "1").checks == [])
    let text = try ForwardRun.verify("--expect", recorded, "--nmse", "1e-20").output
    let words = text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    #expect(words.contains(": its NMSE is ") && words.contains(", at most 1e-20 is allowed"))
  }

  @Test("--noise shows what rounding alone makes beside each error, within 80 columns")
  func noise() throws {
    let run = try ForwardRun.verify("--expect", recorded, "--noise")
    #expect(run.status == 0)
    let lines = run.output.split(separator: "\n")
    #expect(
      lines.contains { $0.split(separator: " ") == ["capture", "NMSE", "relative", "rounding"] })
    #expect(lines.allSatisfy { $0.count <= 80 || $0 == model })
  }

  @Test("of tensors that are no captures eight are listed, wrapped, and all in JSON")
  func notCompared() throws {
    let path = folder.file("many.safetensors")
    let names = (10..<30).map { "a.tensor.of.another.program.\($0)" }
    try SafetensorsWriter.write(
      MemorySource(
        names.map { .init($0, .uint8, [1], [0]) } + [.init("logits", .uint8, [1], [0])]), to: path,
      replace: false)
    let run = try ForwardRun.verify("--input", recorded, "--expect", path)
    #expect(run.status == 1)
    #expect(run.output.contains("  not compared: a.tensor.of.another.program.10, a.tensor"))
    #expect(run.output.contains("program.17\n                and 12 more\n"), "\(run.output)")
    let lines = run.output.split(separator: "\n")
    #expect(lines.allSatisfy { $0.count <= 80 || $0 == model })
    let json = try ForwardRun.verify("--input", recorded, "--expect", path, "--json").json
    #expect(json["notCompared"] as? [String] == names)
  }

  @Test("names of files cannot steer a terminal")
  func escapes() throws {
    let evil = folder.file("a\u{1B}[2Jb")
    try folder.link("a\u{1B}[2Jb", to: model)
    try folder.link("i\u{1B}[2J.safetensors", to: recorded)
    let container = folder.file("c\u{1B}[2J.hymba")
    for arguments in [
      ["hymba-verify", "forward", evil, "--input", folder.file("i\u{1B}[2J.safetensors")],
      ["hymba-inspect", "config", evil], ["hymba-inspect", "parameters", evil],
      ["hymba-convert", "checkpoints", evil, "-o", container, "--quiet"],
      ["hymba-verify", "container", container], ["hymba-verify", "forward", container],
    ] {
      let run = try ToolProcess(arguments[0], arguments: Array(arguments.dropFirst()))
      #expect(run.status == 0, "\(arguments): \(run.errors)")
      if arguments[0] != "hymba-convert" {
        #expect(!(run.output + run.errors).contains("\u{1B}"), "\(arguments)")
      }
    }
  }
}
