import Foundation
import TestSupport
import Testing

@Suite("hymba-verify generate")
struct GenerateTests {
  private struct Recorded: Decodable {
    let prompt: [Int]
    let tokens: [Int]
  }

  /// What the `tokenizers` package made of a text and of the tokens.
  private struct Texts: Decodable {
    let text: String
    let ids: [Int]
    let jamba_text: String
  }

  private let folder: TemporaryFolder
  private let recorded: Recorded
  private let texts: Texts
  private let model = Fixture.folder("jamba-tiny")
  private let tokenizer = Fixture.path("greedy", "tokenizer.json")

  init() throws {
    folder = try TemporaryFolder()
    func read<Value: Decodable>(_ file: String, _ type: Value.Type) throws -> Value {
      try JSONDecoder().decode(type, from: Data(contentsOf: URL(filePath: Fixture.path("greedy", file))))
    }
    recorded = try #require(try read("tokens.json", [String: Recorded].self)["jamba-tiny"])
    texts = try read("texts.json", Texts.self)
  }

  private func generate(_ options: String...) throws -> ToolProcess {
    try ToolProcess("hymba-verify", arguments: ["generate", model] + options)
  }

  private func list(_ ids: [Int]) -> String { ids.map(String.init).joined(separator: ",") }

  @Test("JSON holds the original's tokens, no text without a tokenizer, and both rates")
  func json() throws {
    let run = try generate("--tokens", list(recorded.prompt), "--count", "24", "--json")
    #expect(run.status == 0 && run.errors == "")
    let json = try run.json
    #expect(
      Set(json.keys) == [
        "source", "prompt", "tokens", "text", "end", "promptTokensPerSecond", "tokensPerSecond",
      ])
    #expect(json["tokens"] as? [Int] == recorded.tokens && json["prompt"] as? [Int] == recorded.prompt)
    #expect(json["text"] is NSNull && json["end"] as? String == "count")
    #expect(try #require(json["promptTokensPerSecond"] as? Double) > 0)
    #expect(try #require(json["tokensPerSecond"] as? Double) > 0)
  }

  @Test("for people: the ids without a tokenizer, the text with one, then the rates on the other stream")
  func people() throws {
    let ids = try generate("--tokens", list(recorded.prompt), "--count", "24")
    #expect(ids.status == 0 && ids.output == list(recorded.tokens) + "\n")
    #expect(ids.errors.contains("prompt: 13 tokens, ") && ids.errors.contains("; answer: 24 tokens, "))
    let text = try generate(
      "--tokens", list(recorded.prompt), "--count", "24", "--tokenizer", tokenizer, "--quiet")
    #expect(text.status == 0 && text.output == texts.jamba_text + "\n" && text.errors == "")
  }

  @Test("text becomes the tokens that the tokenizers package gives, from the command or a file")
  func text() throws {
    let file = try folder.write(texts.text, to: "prompt.txt")
    for given in [texts.text, "@" + file] {
      let json = try generate("--text", given, "--count", "2", "--tokenizer", tokenizer, "--json").json
      #expect(json["prompt"] as? [Int] == texts.ids)
      #expect((json["text"] as? String)?.isEmpty == false)
    }
  }

  @Test("a text of --stop ends the answer, though it is divided among tokens, and is no part of it")
  func stop() throws {
    for (stop, count) in [("lat e", 4), ("\u{FFFD}", 8)] {
      let run = try generate(
        "--tokens", list(recorded.prompt), "--count", "24", "--tokenizer", tokenizer, "--json", "--stop", "never", "--stop",
        stop)
      let (json, place) = (try run.json, try #require(texts.jamba_text.range(of: stop)))
      #expect(json["text"] as? String == String(texts.jamba_text[..<place.lowerBound]))
      #expect(json["end"] as? String == "stop")
      #expect(try #require(json["tokens"] as? [Int]).count < 24, "\(count)")
    }
  }

  @Test("a beginning of a --stop that is not completed is shown at the end")
  func heldBack() throws {
    let run = try generate(
      "--tokens", list(recorded.prompt), "--count", "24", "--tokenizer", tokenizer, "--stop", "the end", "--quiet")
    #expect(run.output == texts.jamba_text + "\n")
  }

  @Test("a seed gives the same tokens with any number of threads, another seed gives others")
  func seeds() throws {
    func tokens(_ seed: String, jobs: String) throws -> [Int] {
      let run = try generate(
        "--tokens", "1,5,9", "--count", "30", "--temperature", "1", "--top-p", "0.9", "--seed", seed, "--jobs", jobs,
        "--json")
      return try #require(try run.json["tokens"] as? [Int])
    }
    let first = try tokens("3", jobs: "1")
    #expect(try tokens("3", jobs: "4") == first)
    #expect(try tokens("4", jobs: "1") != first)
  }

  @Test("weights that do not fit are read for each token, which is said, and the tokens are the same")
  func memory() throws {
    let run = try generate("--tokens", list(recorded.prompt), "--count", "24", "--memory", "1MB")
    #expect(run.output == list(recorded.tokens) + "\n")
    #expect(run.errors.contains("--memory gives 1.00 MB: each token reads its weights from the file again"))
  }

  @Test("Ctrl-C ends the answer with what is there")
  func interrupted() throws {
    let output = try folder.write("", to: "output")
    let process = try ToolProcess.start(
      "hymba-verify", ["generate", model, "--tokens", "1", "--count", "100000"], in: folder)
    // The first token shows that the answer has begun.
    while process.isRunning, try Data(contentsOf: URL(filePath: output)).isEmpty { usleep(2000) }
    process.interrupt()
    process.waitUntilExit()
    #expect(process.terminationStatus == 130)
    let ids = String(decoding: try folder.read("output"), as: UTF8.self)
    #expect(ids.hasSuffix("\n") && ids.dropLast().split(separator: ",").allSatisfy { Int($0) != nil })
    #expect(String(decoding: try folder.read("errors"), as: UTF8.self).hasSuffix("tokens/s; interrupted\n"))
  }

  @Test("a reader that goes away ends the answer, and is no error")
  func closedPipe() throws {
    let run = try ToolProcess(
      shell: #"""
        { "$0" "$@"; echo "$?" >&2; } | head -c 20
        """#, "hymba-verify", arguments: ["generate", model, "--tokens", "1,5", "--count", "1000000", "--memory", "8GB", "--quiet"])
    #expect(run.output.count == 20 && run.errors == "0\n")
  }

  @Test("a tokenizer of another model is named as that")
  func otherTokenizer() throws {
    let other = Fixture.path("gguf-tokenizers", "byte-level/tokenizer.json")
    let run = try generate("--text", "the cat sat", "--tokenizer", other)
    #expect(run.status == 64 && run.output == "")
    #expect(run.errors.contains("and the model a vocabulary of 64: it is another model's\n"))
    #expect(run.errors.contains("and the model has a vocabulary of 64: it is another model's tokenizer\n"))
  }

  @Test("what cannot be is one sentence")
  func wrong() throws {
    let features = Fixture.folder("edifice-hymba-tiny")
    for (arguments, status, message) in [
      ([model], 64, "there is nothing to continue; give --text or --tokens"),
      ([model, "--tokens", "1", "--text", "a"], 64, "--tokens and --text both give the input; pass one"),
      ([model, "--text", ""], 64, "--text is empty; expected some text"),
      ([model, "--tokens", "1", "--count", "0"], 64, "--count is 0; expected a number from 1 to 1000000"),
      ([model, "--tokens", "64"], 64, "--tokens: the token id 64 is outside of the vocabulary of 64"),
      ([model, "--tokens", "1", "--top-k", "4"], 64, "--top-k says how chance chooses"),
      ([model, "--tokens", "1", "--temperature", "-1"], 64, "--temperature is -1; expected a finite number from 0 on"),
      (
        [model, "--tokens", "1", "--temperature", "1", "--top-p", "2"], 64,
        "--top-p is 2; expected a number above 0 and up to 1"
      ),
      ([model, "--tokens", "1", "--memory", "much"], 64, "expected a size above 0 like 5GB, 1.5MB or 2GiB"),
      ([model, "--tokens", "1", "--memory", "2EB"], 64, "expected a size of at most 1EB"),
      ([model, "--text", "the cat"], 66, "--text needs a tokenizer"),
      ([model, "--tokens", "1", "--stop", "x"], 66, "--stop needs a tokenizer"),
      ([model, "--text", "@none.txt", "--tokenizer", tokenizer], 66, "none.txt: no such file or folder"),
      ([features, "--tokens", "1"], 64, "expected vectors of 12, not token ids"),
    ] as [([String], Int32, String)] {
      let run = try ToolProcess("hymba-verify", arguments: ["generate"] + arguments)
      #expect(run.status == status && run.output == "", "\(arguments): \(run.status)")
      #expect(run.errors.contains(message), "\(arguments): \(run.errors)")
    }
  }
}

@Suite("Next tokens and text in hymba-verify forward")
struct NextTokenTests {
  private let model = Fixture.folder("jamba-tiny")
  private let tokenizer = Fixture.path("greedy", "tokenizer.json")

  @Test("--top gives the most probable tokens behind the first sequence, as the recorded scores say")
  func top() throws {
    let recorded = Fixture.path("jamba-tiny", "expected.safetensors")
    let run = try ToolProcess(
      "hymba-verify", "forward", model, "--expect", recorded, "--top", "3", "--quick", "--json")
    let next = try #require(try run.json["next"] as? [[String: Any]])
    // softmax of the recorded logits[0, -1], by NumPy in 64 bits.
    for (found, expected) in zip(next, Self.recordedTop) {
      #expect(found["token"] as? Int == expected.token)
      #expect(abs(try #require(found["probability"] as? Double) - expected.probability) < 1e-5)
      #expect(found["text"] is NSNull)
    }
    #expect(next.count == 3)
  }

  private static let recordedTop: [(token: Int, probability: Double)] = [(20, 0.176991151), (57, 0.056408288), (36, 0.056302894)]

  @Test("with a tokenizer each token has its text, with the space before it")
  func texts() throws {
    let run = try ToolProcess(
      "hymba-verify", "forward", model, "--text", "the cat", "--tokenizer", tokenizer, "--top", "64", "--quick", "--json")
    let next = try #require(try run.json["next"] as? [[String: Any]])
    let texts = Dictionary(
      uniqueKeysWithValues: next.compactMap { token in
        (token["token"] as? Int).flatMap { id in (token["text"] as? String).map { (id, $0) } }
      })
    #expect(texts.count == 64)
    #expect(texts[57] == "the" && texts[34] == " the" && texts[0] == "<end>")
    let people = try ToolProcess(
      "hymba-verify", "forward", model, "--text", "the cat", "--tokenizer", tokenizer, "--top", "2", "--quick")
    #expect(people.output.contains("next token  probability  text"))
  }

  @Test("without --top nothing is said of next tokens")
  func none() throws {
    #expect(try ToolProcess("hymba-verify", "forward", model, "--quick", "--json").json["next"] is NSNull)
  }

  @Test("--quiet leaves what was asked for of the tokens")
  func quiet() throws {
    let run = try ToolProcess(
      "hymba-verify", "forward", model, "--tokens", "1,5,9", "--perplexity", "--top", "2", "--quick", "--quiet")
    #expect(run.output.hasPrefix("  next tokens: cross-entropy ") && run.output.contains("next token  probability"))
    #expect(run.output.hasSuffix("what was run passed; not run: causality, batch independence, decoding\n"))
  }

  @Test("a model without scores has no next tokens, and the number of them is checked")
  func wrong() throws {
    let features = try ToolProcess("hymba-verify", "forward", Fixture.folder("edifice-hymba-tiny"), "--top", "3")
    #expect(features.status == 64 && features.errors.contains("gives no scores for them"))
    let scored = try ToolProcess("hymba-verify", "forward", Fixture.folder("edifice-hymba-tiny"), "--perplexity")
    #expect(scored.status == 64 && scored.errors.contains("the model reads no tokens or gives no logits"))
    let none = try ToolProcess("hymba-verify", "forward", model, "--top", "0")
    #expect(none.status == 64 && none.errors.contains("--top is 0; expected a number from 1 to 10000"))
  }

  @Test("the perplexity of a long text is that of its windows, each of which begins anew")
  func windows() throws {
    let ids = (0..<50).map { ($0 * 37 + $0 / 7) % 64 }
    func score(_ ids: ArraySlice<Int>, _ more: String...) throws -> [String: Any] {
      let run = try ToolProcess(
        "hymba-verify",
        arguments: [
          "forward", model, "--tokens", ids.map(String.init).joined(separator: ","), "--perplexity", "--quick", "--json",
        ] + more)
      return try #require(try run.json["tokenScore"] as? [String: Any])
    }
    // Windows of 16, 16, 16 and 2.
    let parts = try stride(from: 0, to: 50, by: 16).map { try score(ids[$0..<min($0 + 16, 50)]) }
    let whole = try score(ids[...], "--window", "16")
    let counts = parts.compactMap { $0["count"] as? Int }
    #expect(counts == [15, 15, 15, 1] && whole["count"] as? Int == 46)
    let sum = zip(parts, counts).reduce(0.0) { $0 + ($1.0["crossEntropy"] as? Double ?? .nan) * Double($1.1) }
    #expect(abs(try #require(whole["crossEntropy"] as? Double) - sum / 46) < 1e-6)
    #expect(try score(ids[...])["count"] as? Int == 49)
  }

  @Test("behind a text in several windows come the next tokens of its end, which is said")
  func endOfWindows() throws {
    let ids = (0..<50).map { ($0 * 37 + $0 / 7) % 64 }
    func run(_ ids: ArraySlice<Int>, _ more: String...) throws -> ToolProcess {
      let list = ids.map(String.init).joined(separator: ",")
      return try ToolProcess("hymba-verify", arguments: ["forward", model, "--tokens", list, "--top", "3", "--quick"] + more)
    }
    func next(_ run: ToolProcess) throws -> [[String: Any]] { try #require(try run.json["next"] as? [[String: Any]]) }
    // The last window has two tokens, and the model reads a whole window before the next token.
    let found = try next(run(ids[...], "--perplexity", "--window", "16", "--json"))
    let expected = try next(run(ids[34...], "--json"))
    #expect(found.count == 3 && NSArray(array: found) == NSArray(array: expected))
    #expect(try NSArray(array: next(run(ids[..<16], "--json"))) != NSArray(array: expected))
    let people = try run(ids[...], "--perplexity", "--window", "16")
    #expect(people.output.contains("each begins anew\n\n  behind the last 16 tokens:\n  next token  probability\n"))
    for window in [["--perplexity"], []] {
      let whole = try ToolProcess(
        "hymba-verify", arguments: ["forward", model, "--tokens", "1,5,9", "--top", "3", "--quick"] + window)
      #expect(whole.output.contains("next token  probability") && !whole.output.contains("behind the last"))
    }
  }

  @Test("--window is for --perplexity of given tokens")
  func window() throws {
    for (arguments, message) in [
      (["--window", "16"], "--window divides the tokens"), (["--window", "1", "--perplexity"], "--window is 1"),
    ] {
      let run = try ToolProcess("hymba-verify", arguments: ["forward", model] + arguments)
      #expect(run.status == 64 && run.errors.contains(message))
    }
  }
}
