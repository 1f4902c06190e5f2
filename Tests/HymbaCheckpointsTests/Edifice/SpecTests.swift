import HymbaCheckpoints
import HymbaFormat
import Testing

@Suite struct SpecTests {
  private static func spec(_ fields: [(key: [UInt8], value: [UInt8])]) -> NxFile {
    .metadata(Erlang.map([(Erlang.binary("__edifice_spec__"), Erlang.map(fields))]))
  }

  private static func spec(options: [UInt8]) -> NxFile {
    spec([(Erlang.atom("arch"), Erlang.atom("hymba")), (Erlang.atom("build_opts"), options)])
  }

  private static func option(_ value: [UInt8]) -> NxFile {
    spec(options: Erlang.list(Erlang.tuple(Erlang.atom("x"), value)))
  }

  /// A text with that many combining marks in a row.
  private static func marked(_ marks: Int) -> [UInt8] {
    Erlang.binary("a" + String(repeating: "\u{301}", count: marks))
  }

  private static let noText =
    "an option is not UTF-8, or has more than 256 combining marks in a row"

  @Test(arguments: [
    (Erlang.integer(-7), "-7"), (Erlang.float(0.25), "0.25"), (Erlang.atom("true"), "true"),
    (Erlang.atom("false"), "false"), (Erlang.atom("nil"), "null"),
    (Erlang.atom("silu"), "\"silu\""),
    (Erlang.binary("a/\"é"), "\"a/\\\"é\""), (Erlang.emptyList, "[]"),
    ([107, 0, 2, 1, 2], "[1,2]"),
    (Erlang.list(Erlang.atom("a"), Erlang.integer(1)), "[\"a\",1]"),
    (Erlang.tuple(Erlang.atom("f"), Erlang.integer(32)), "[\"f\",32]"),
    (Erlang.map([(Erlang.atom("b"), [106]), (Erlang.binary("a"), [106])]), "{\"a\":[],\"b\":[]}"),
  ])
  func anOptionBecomesJSON(_ value: [UInt8], _ json: String) throws {
    let temporary = try TemporaryFile(Self.option(value).bytes)
    let source = try EdificeSource(temporary.path)
    #expect(
      source.embeddedConfiguration?.text == "{\"arch\":\"hymba\",\"build_opts\":{\"x\":\(json)}}")
  }

  @Test func theFirstOfRepeatedOptionsWins() throws {
    let pairs = [3, 4].map { Erlang.tuple(Erlang.atom("x"), Erlang.integer($0)) }
    let temporary = try TemporaryFile(Self.spec(options: Erlang.list(pairs)).bytes)
    let source = try EdificeSource(temporary.path)
    #expect(source.embeddedConfiguration?.text == #"{"arch":"hymba","build_opts":{"x":3}}"#)
  }

  @Test func metadataOfAnyShapeIsAccepted() throws {
    for term in [Erlang.emptyList, Erlang.integer(1), Erlang.map([])] {
      let temporary = try TemporaryFile(NxFile.metadata(term).bytes)
      let source = try EdificeSource(temporary.path)
      #expect(source.metadata.isEmpty)
      #expect(source.embeddedConfiguration == nil)
    }
  }

  @Test func whatTheTrainingLoopAddsIsReadAndLeftOut() throws {
    let tensor = Erlang.map([
      (Erlang.atom("__struct__"), Erlang.atom("Elixir.Nx.Tensor")),
      (
        Erlang.atom("data"),
        Erlang.map([(Erlang.atom("state"), Erlang.binary([0xFF, 0xFF, 0x7F, 0x3F]))])
      ),
      (Erlang.atom("shape"), Erlang.tuple()),
    ])
    let metadata = Erlang.map([
      (Erlang.atom("epoch"), Erlang.integer(3)), (Erlang.binary("raw"), Erlang.binary([0xFF])),
      (Erlang.atom("metrics"), Erlang.map([(Erlang.binary("loss"), tensor)])),
      (Erlang.integer(1), Erlang.integer(1)),
    ])
    let temporary = try TemporaryFile(NxFile.metadata(metadata).bytes)
    let source = try EdificeSource(temporary.path)
    #expect(source.metadata == ["epoch": "3"])
    let metrics = Erlang.atom("metrics") + Erlang.map([(Erlang.binary("loss"), tensor)])
    let others =
      Erlang.binary("raw") + Erlang.binary([0xFF]) + Erlang.integer(1) + Erlang.integer(1)
    #expect(source.leftAside.map(\.kind) == [.notTensors])
    #expect(source.leftAside.map(\.names) == [["1", "metrics", "raw"]])
    #expect(source.leftAside.first?.bytes == metrics.count + others.count)
  }

  @Test func whatTheSpecHoldsBesideItsOptionsIsNamed() throws {
    let file = Self.spec([
      (Erlang.atom("arch"), Erlang.atom("hymba")), (Erlang.atom("build_opts"), Erlang.emptyList),
      (Erlang.atom("edifice_version"), Erlang.binary("0.2")),
      (Erlang.atom("history"), Erlang.list(Erlang.integer(1))),
    ])
    let temporary = try TemporaryFile(file.bytes)
    let source = try EdificeSource(temporary.path)
    #expect(source.metadata == ["edifice_version": "0.2"])
    #expect(source.leftAside.map(\.names) == [["__edifice_spec__.history"]])
  }

  @Test func metadataThatIsNoMapIsNamed() throws {
    let term = Erlang.list(Erlang.integer(1), Erlang.integer(2))
    let temporary = try TemporaryFile(NxFile.metadata(term).bytes)
    let source = try EdificeSource(temporary.path)
    #expect(
      source.leftAside
        == [LeftAside(.notTensors, names: ["the metadata"], bytes: term.count + 1)])
  }

  @Test func ofManyEntriesThatAreLeftOutSomeAreNamed() throws {
    let metadata = Erlang.map((1...9).map { (Erlang.atom("k\($0)"), Erlang.emptyList) })
    let temporary = try TemporaryFile(NxFile.metadata(metadata).bytes)
    // An atom of two letters takes four bytes, an empty list one.
    #expect(
      try EdificeSource(temporary.path).remarks == [
        "left aside as no tensors: “k1”, “k2”, “k3”, “k4”, “k5”, “k6” and 3 more (45 bytes)"
      ])
    #expect(try EdificeSource(EdificeFixture.stored.path).remarks == [])
  }

  @Test func textsThatTakeTooLongToCompareAreLeftOut() throws {
    for (marks, count) in [(256, 2), (257, 0)] {
      let metadata = Erlang.map([
        (Self.marked(marks), Erlang.integer(3)), (Erlang.binary("b"), Self.marked(marks)),
      ])
      let temporary = try TemporaryFile(NxFile.metadata(metadata).bytes)
      #expect(try EdificeSource(temporary.path).metadata.count == count)
    }
  }

  @Test func ofKeysThatReadTheSameTheBinaryWins() throws {
    let names = (0..<20).map { "key \($0)" }
    let metadata = Erlang.map(
      names.flatMap {
        [(Erlang.atom($0), Erlang.atom("atom")), (Erlang.binary($0), Erlang.atom("binary"))]
      })
    let temporary = try TemporaryFile(NxFile.metadata(metadata).bytes)
    let source = try EdificeSource(temporary.path)
    #expect(source.metadata == NameTable(names.map { (key: $0, value: "binary") }))
  }

  @Test(arguments: [
    Refusal(
      "a spec that is no map",
      .metadata(Erlang.map([(Erlang.binary("__edifice_spec__"), Erlang.emptyList)])),
      "it is a list of 0, and must be a map"),
    Refusal("a spec without arch", spec([]), "“arch” is missing or not an atom"),
    Refusal(
      "an arch that is text",
      spec([(Erlang.atom("arch"), Erlang.binary("hymba"))]), "“arch” is missing or not an atom"),
    Refusal(
      "a spec without options", spec([(Erlang.atom("arch"), Erlang.atom("hymba"))]),
      "“build_opts” is missing or not a list"),
    Refusal(
      "options that are a map", spec(options: Erlang.map([])),
      "“build_opts” is missing or not a list"),
    Refusal(
      "an option that is no pair", spec(options: Erlang.list(Erlang.atom("x"))),
      "“build_opts” is not a keyword list"),
    Refusal(
      "an option of three",
      spec(options: Erlang.list(Erlang.tuple(Erlang.atom("x"), [106], [106]))),
      "“build_opts” is not a keyword list"),
    Refusal(
      "an option whose name is text",
      spec(options: Erlang.list(Erlang.tuple(Erlang.binary("x"), [106]))),
      "“build_opts” is not a keyword list"),
    Refusal("an option that is not UTF-8", option(Erlang.binary([0xFF])), noText),
    Refusal("an option that takes too long to compare", option(marked(257)), noText),
    Refusal(
      "an option with a key that is no text", option(Erlang.map([(Erlang.integer(1), [106])])),
      "an option has the key 1, which is no text"),
    Refusal(
      "an option with a key twice",
      option(Erlang.map([(Erlang.atom("a"), [106]), (Erlang.binary("a"), [106])])),
      "an option has the key “a” twice"),
  ])
  func rejects(_ refused: Refusal) throws {
    #expect(
      try refusal(of: refused.bytes)
        == "the spec in the metadata at byte 5 is not valid: \(refused.message)")
  }
}
