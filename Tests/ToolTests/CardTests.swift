import HymbaFormat
import TestSupport
import Testing

@Suite("The card of a verification")
struct CardTests {
  private let folder: TemporaryFolder
  private let source = Fixture.folder("edifice-hymba-tiny")
  private let recorded = Fixture.path("edifice-hymba-tiny", "expected.safetensors")
  private var card: String { folder.file("card.json") }

  init() throws { folder = try TemporaryFolder() }

  private func verify(_ model: String, _ options: String...) throws -> ToolProcess {
    try ToolProcess(
      "hymba-verify", arguments: ["forward", model, "--card", card] + options)
  }

  private func check(_ model: String, _ options: String...) throws -> ToolProcess {
    try ToolProcess("hymba-verify", arguments: ["card", card, model] + options)
  }

  @Test("says what was verified, how, and against what")
  func contents() throws {
    #expect(try verify(source, "--expect", recorded).status == 0)
    let json = try JSONValue(parsing: InputFile.contents(of: card, limit: 1 << 20))
    #expect(json["passed"] == .bool(true))
    #expect(json["model"]?["tensors"] == .integer(64))
    #expect(json["model"]?["layout"] == .string("edifice"))
    #expect(json["input"]?["shape"] == .array([.integer(2), .integer(7), .integer(12)]))
    #expect(json["reference"]?["name"] == .string("expected.safetensors"))
    guard case .array(let captures)? = json["captures"] else { return #expect(Bool(false)) }
    #expect(captures.count == 9)
    #expect(json["tool"]?["name"] == .string("hymba-verify"))
  }

  /// The fingerprint is that which `--fingerprint` computes from the tensors.
  @Test("has the fingerprint of what was read, also where no check reads everything")
  func fingerprint() throws {
    let listing = try ToolProcess("hymba-inspect", source, "--fingerprint", "--json").json
    let expected = try #require(listing["fingerprint"] as? String)
    for options in [[], ["--checks", "forward"], ["--checks", "inventory"]] {
      #expect(
        try ToolProcess(
          "hymba-verify", arguments: ["forward", source, "--card", card, "--force"] + options
        ).status == 0)
      let json = try JSONValue(parsing: InputFile.contents(of: card, limit: 1 << 20))
      #expect(json["model"]?["fingerprint"] == .string(expected), "\(options)")
    }
  }

  @Test("and a model in the wrong order are told apart")
  func order() throws {
    let run = try ToolProcess("hymba-verify", "card", Fixture.sample("model.safetensors"), folder.file("any.json"))
    #expect(run.status == 65)
    #expect(
      run.errors
        == "error: \(Fixture.sample("model.safetensors")): this is a checkpoint and no card; the card comes first, and then the checkpoint\n")
  }

  @Test("speaks of the same weights in another file, and of no others")
  func speaks() throws {
    #expect(try verify(source, "--expect", recorded).status == 0)
    let container = folder.file("same.hymba")
    #expect(try ToolProcess("hymba-convert", source, "-o", container).status == 0)
    let same = try check(container)
    #expect(same.status == 0)
    #expect(same.output.hasSuffix("\nthis card speaks of this model\n"))
    #expect(try check(container, "--quiet").output == "this card speaks of this model\n")
    let other = try check(Fixture.folder("edifice-hymba-small"))
    #expect(other.status == 1)
    #expect(
      other.output.replacing("\n", with: " ").contains(
        "this card speaks of other weights: its fingerprint is "))
  }

  @Test("does not speak of the same weights in another model")
  func otherModel() throws {
    // Two heads are read from the file beside it. Without that file, four are assumed.
    #expect(try verify(source + "/bare.nx", "--config", source + "/build_opts.json").status == 0)
    try folder.link("bare.nx", to: source + "/bare.nx")
    let run = try check(folder.file("bare.nx"), "--json")
    #expect(run.status == 1)
    let json = try run.json
    #expect(json["speaksOfModel"] as? Bool == false && json["saysPassed"] as? Bool == true)
    let differences = try #require(json["differences"] as? [String])
    #expect(differences.contains { $0.contains("heads: 2 and 4") }, "\(differences)")
  }

  @Test("of a failed verification says so, and does not pass for a good one")
  func failed() throws {
    try folder.link("bare.nx", to: source + "/bare.nx")
    let model = folder.file("bare.nx")
    #expect(try verify(model, "--expect", recorded).status == 1)
    let run = try check(model)
    #expect(run.status == 1)
    #expect(run.output.contains("  failed       reference\n"))
    #expect(
      run.output.hasSuffix("\nthis card speaks of this model, and says that it failed\n"))
  }

  @Test("is refused where it cannot be one, before anything is computed")
  func place() throws {
    let other = try ToolProcess("hymba-verify", source, "--card", folder.file("card.txt"))
    #expect(other.status == 64 && other.output == "")
    #expect(try verify(source, "--checks", "inventory").status == 0)
    #expect(try verify(source, "--checks", "inventory").status == 73)
    let options = try folder.write(
      InputFile.contents(of: source + "/build_opts.json", limit: 1 << 20), to: "options.json")
    let replaced = try ToolProcess(
      "hymba-verify", source, "--config", options, "--card", options, "--force")
    #expect(replaced.status == 64)
    #expect(replaced.errors.contains("this file is read, and --card would replace it"))
  }

  @Test(
    "that is none is one sentence",
    arguments: [
      ("{}", "this is no card of a verification, which forward --card writes and which has its version under “card”"),
      ("{\"card\": 2}", "this card has form 2, and only form 1 is known here; a newer hymba-verify may read it"),
      ("{\"card\": 1}", "this is no whole card of a verification: “model” is missing"),
      ("{\"card\": 1, \"model\": 3}", "this is no whole card of a verification: “date” is missing"),
      (
        "{\"card\": 1, \"date\": \"x\", \"passed\": \"yes\", \"model\": {}}",
        "“passed” is “yes”; expected true or false"
      ),
    ])
  func hostile(_ text: String, _ message: String) throws {
    let path = try folder.write(text, to: "no.json")
    let run = try ToolProcess("hymba-verify", "card", path, source)
    #expect(run.status == 65 && run.output == "")
    #expect(run.errors == "error: \(path): \(message)\n")
  }

  @Test(
    "that was changed is refused",
    arguments: [
      ("\"outcome\" : \"passed\"", "\"outcome\" : \"failed\""),
      ("\"outcome\" : \"passed\"", "\"outcome\" : \"banana\""),
      ("\"outcome\" : \"passed\"", "\"outcome\" : \"notRun\""),
      ("\"passed\" : true,\n      \"problem\"", "\"passed\" : false,\n      \"problem\""),
    ])
  func changed(_ old: String, _ new: String) throws {
    #expect(try verify(source, "--expect", recorded).status == 0)
    let text = String(decoding: try InputFile.contents(of: card, limit: 1 << 20), as: UTF8.self)
    let changed = text.replacing(old, with: new)
    try #require(changed != text)
    let path = try folder.write(changed, to: "changed.json")
    let run = try ToolProcess("hymba-verify", "card", path, source)
    #expect(run.status == 65 && run.output == "", "\(run.errors)")
    #expect(
      run.errors.contains("its verdict is not that of its checks")
        || run.errors.contains("is no known one"), "\(run.errors)")
  }

  @Test("is signed and checked by ssh-keygen")
  func signature() throws {
    #expect(try verify(source).status == 0)
    let script = """
      command -v ssh-keygen > /dev/null || { echo no ssh-keygen; exit 0; }
      set -e; cd "$1"
      ssh-keygen -q -t ed25519 -N '' -f key -C ''
      ssh-keygen -q -Y sign -f key -n hymba-card card.json
      echo "someone@example.org $(cat key.pub)" > signers
      ssh-keygen -Y verify -f signers -I someone@example.org -n hymba-card -s card.json.sig < card.json
      sed -i 's/"passed" : true/"passed" : false/' card.json
      if ssh-keygen -Y verify -f signers -I someone@example.org -n hymba-card -s card.json.sig < card.json
      then echo accepted; else echo refused; fi
      """
    let run = try ToolProcess(shell: script, "hymba-verify", arguments: [folder.path])
    #expect(
      run.output == "no ssh-keygen\n"
        || run.output.hasPrefix("Good \"hymba-card\" signature for someone@example.org")
          && run.output.hasSuffix("refused\n"), "\(run.output)\(run.errors)")
  }
}
