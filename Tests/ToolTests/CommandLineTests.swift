import HymbaFormat
import TestSupport
import Testing

@Suite("Slips on the command line")
struct CommandLineTests {
  private let folder: TemporaryFolder
  private let model = Fixture.sample("model.nx")

  init() throws { folder = try TemporaryFolder() }

  @Test(
    "a misspelt command is named with the one that was meant, and nothing is done",
    arguments: [
      (["hymba-convert", "exprt", "MODEL", "-o", "OUT"], "exprt", "hymba-convert export"),
      (["hymba-convert", "exprt"], "exprt", "hymba-convert export"),
      (["hymba-convert", "chekpoints", "MODEL", "-o", "OUT"], "chekpoints", "hymba-convert checkpoints"),
      (["hymba-convert", "inti", "--embed-dim", "8", "-o", "OUT"], "inti", "hymba-convert init"),
      (["hymba-inspect", "compair", "MODEL", "MODEL"], "compair", "hymba-inspect compare"),
      (["hymba-inspect", "conatiner", "MODEL"], "conatiner", "hymba-inspect container"),
      (["hymba-verify", "foward", "MODEL"], "foward", "hymba-verify forward"),
      (["hymba-inspect", "params", "MODEL"], "params", "hymba-inspect parameters"),
      (["hymba-inspect", "cfg", "MODEL"], "cfg", "hymba-inspect config"),
      (["hymba-inspect", "ls", "MODEL"], "ls", "hymba-inspect parameters"),
      (["hymba-verify", "check", "MODEL"], "check", "hymba-verify forward"),
    ])
  func misspelt(_ words: [String], _ wrong: String, _ right: String) throws {
    let arguments = words.dropFirst().map {
      $0 == "MODEL" ? model : $0 == "OUT" ? folder.file("b.safetensors") : $0
    }
    let run = try ToolProcess(words[0], arguments: arguments)
    #expect(run.status == 64 && run.output == "")
    #expect(
      run.errors == "error: there is no command or file “\(wrong)”; did you mean \(right)?\n")
    #expect(try folder.entries == [])
  }

  @Test("a command behind an option is not taken for a checkpoint")
  func commandBehindOption() throws {
    let run = try ToolProcess(
      "hymba-convert", "--quiet", "export", model, "-o", folder.file("out"))
    #expect(run.status == 64)
    #expect(
      run.errors.hasPrefix(
        "error: there is no file “export”, and the command of that name comes before all else: hymba-convert export …\n"
      ))
    #expect(try folder.entries == [])
  }

  @Test(
    "a word that is another tool's is answered with that tool",
    arguments: [
      ("hymba-convert", "inspect", "hymba-inspect"), ("hymba-convert", "verify", "hymba-verify"),
      ("hymba-convert", "forward", "hymba-verify forward"),
      ("hymba-inspect", "export", "hymba-convert export"),
      ("hymba-verify", "convert", "hymba-convert"),
    ])
  func otherTool(_ tool: String, _ word: String, _ other: String) throws {
    let run = try ToolProcess(tool, word, model)
    #expect(run.status == 64 && run.output == "")
    #expect(run.errors == "error: there is no command or file “\(word)” here; it is \(other)\n")
  }

  private static let endings: [(name: String, message: String)] =
    [".safetensors", ".nx", ".gguf"].map { ending in
      (
        "m" + ending,
        "“m\(ending)” is the name of a \(ending) file, and this writes a container; name it “m.hymba”, or write \(ending) with hymba-convert export SOURCE -o “m\(ending)”"
      )
    }
    + [".pt", ".bin", ".h5", ".npz", ".json"].map { ending in
      (
        "m" + ending,
        "\(ending) files are not written; name a .hymba file, or write .safetensors or .nx with hymba-convert export"
      )
    }
    + [
      (
        "-",
        "nothing is written to standard output; name a file with -o (./- for one that is called so)"
      ), ("", "the name after -o is empty; name what to write"),
    ]

  @Test("a container is not written under another format's name", arguments: endings.indices)
  func ending(_ index: Int) throws {
    let (name, message) = Self.endings[index]
    if name.count > 1 { try folder.write("weights", to: name) }
    let output = name.count > 1 ? folder.file(name) : name
    for command in [["checkpoints", model], ["init", "--embed-dim", "8"]] {
      let run = try ToolProcess(
        "hymba-convert", arguments: command + ["-o", output, "--force"])
      #expect(run.status == 64)
      #expect(run.errors == "error: \(message)\n")
    }
    #expect(try folder.entries == (name.count > 1 ? [name] : []))
  }

  @Test("of several sources all are opened before anything is written, and every bad one is named")
  func severalSources() throws {
    let text = try folder.write("no checkpoint", to: "notes.x")
    let before = try folder.entries
    let none = try ToolProcess(
      "hymba-convert", text, folder.file("none.nx"), "-o", folder.file("out"))
    #expect(none.status == 65)
    #expect(
      none.errors
        == """
        error: \(text): this is a text (“no checkpoint”) and not a checkpoint; if it was downloaded, the download went wrong
        error: \(folder.file("none.nx")): no such file or folder
        nothing was written, as 2 of 2 checkpoints cannot be opened

        """)
    #expect(try folder.entries == before)
    for sources in [[model, text], [text, model]] {
      let one = try ToolProcess(
        "hymba-convert", arguments: sources + ["-o", folder.file("out"), "--json"])
      #expect(one.status == 65)
      #expect(one.errors.hasSuffix("nothing was written, as 1 of 2 checkpoints cannot be opened\n"))
      #expect((try one.json["conversions"] as? [Any])?.isEmpty == true)
      #expect(try folder.entries == before)
    }
    let named = try ToolProcess("hymba-convert", text, model, "-o", folder.file("b.hymba"))
    #expect(named.status == 64)
    #expect(
      named.errors
        == "error: “b.hymba” names one container, and there are 2 sources; name a folder with -o\n")
    #expect(
      try ToolProcess("hymba-convert", text, model, "-o", folder.file("B.HYMBA")).status == 64)
  }

  @Test("a name with a slash at its end is that of a folder")
  func slash() throws {
    #expect(try ToolProcess("hymba-convert", model, "-o", folder.file("a/")).status == 0)
    #expect(try FileSystem.entries(of: folder.file("a")) == ["model.hymba"])
    #expect(try ToolProcess("hymba-convert", "export", model, "-o", folder.file("b/")).status == 0)
    #expect(
      try FileSystem.entries(of: folder.file("b")) == ["build_opts.json", "model.safetensors"])
  }

  @Test(
    "numbers that cannot be are named with their option as it was typed",
    arguments: [
      (["--jobs", "-1"], "--jobs is -1; expected a number from 1 to 1024"),
      (["--jobs", "0"], "--jobs is 0; expected a number from 1 to 1024"),
      (["--hidden-size", "-4"], "--hidden-size is -4; expected a whole number from 1 to 16777216"),
      (["--num-layers", "0"], "--num-layers is 0; expected a whole number from 1 to 4096"),
      (["--num-meta-tokens", "0"], "--num-meta-tokens is 0; expected a whole number from 1 to 16777216"),
      (
        ["--num-heads", "3"],
        "--num-heads is 3 and --hidden-size is 256; expected a multiple of the heads"
      ),
      (
        ["--seed", "-1"],
        "the value '-1' is invalid for '--seed <seed>': expected a whole number from 0 to 18446744073709551615"
      ),
    ])
  func numbers(_ options: [String], _ message: String) throws {
    let run = try ToolProcess(
      "hymba-convert",
      arguments: ["init", "--embed-dim", "8", "-o", folder.file("m.hymba")] + options)
    #expect(run.status == 64)
    #expect(run.errors.hasPrefix("error: \(message)\n"), "\(run.errors)")
    #expect(try folder.entries == [])
  }

  @Test("a size beside a configuration is refused, and not passed over")
  func sizeAndConfiguration() throws {
    let run = try ToolProcess(
      "hymba-convert", "init", "--config", Fixture.path("edifice-hymba-tiny", "build_opts.json"),
      "--num-heads", "2", "--meta-tokens", "per-layer", "-o", folder.file("m.hymba"))
    #expect(run.status == 64)
    #expect(
      run.errors.hasPrefix(
        "error: --config says what --num-heads and --meta-tokens would; leave out the one or the other\n"
      ), "\(run.errors)")
    #expect(try folder.entries == [])
  }

  @Test("an option that does not exist is named, and not what is missing beside it")
  func unknownOption() throws {
    let run = try ToolProcess("hymba-convert", model, "--ouput", folder.file("m.hymba"))
    #expect(run.status == 64)
    #expect(
      run.errors.hasPrefix("error: unknown option '--ouput'; did you mean '--output'?\n"),
      "\(run.errors)")
  }

  @Test("the last of several names is taken for the output's where it is not there, and the usage is the command's")
  func missingOutput() throws {
    let usage = "Usage: hymba-convert checkpoints <sources> ... --output <path> [<options>]\n"
    let meant = try ToolProcess("hymba-convert", model, "back")
    #expect(meant.status == 64)
    #expect(
      meant.errors.hasPrefix("error: name what to write with -o, or pass --dry-run; did you mean -o back?\n" + usage))
    let none = try ToolProcess("hymba-convert", model)
    #expect(none.errors.hasPrefix("error: name what to write with -o, or pass --dry-run\n" + usage))
  }

  @Test("a dry run says which options it shows nothing of")
  func untried() throws {
    let run = try ToolProcess("hymba-convert", model, "--dry-run", "--dtype", "BF16", "--metadata", "a=b")
    #expect(run.status == 0 && run.errors.contains("note: --dry-run reads no numbers, so it does not tell what --dtype loses\n"))
    #expect(try !ToolProcess("hymba-convert", model, "--dry-run").errors.contains("reads no numbers"))
  }

  @Test("what hymba-verify does not do is answered with what does it")
  func elsewhere() throws {
    let two = try ToolProcess("hymba-verify", model, "b.nx")
    #expect(two.status == 64)
    #expect(
      two.errors.hasPrefix(
        "error: unexpected argument 'b.nx'; hymba-inspect diff \(model) b.nx shows what differs between two checkpoints\n"))
    let text = try ToolProcess("hymba-verify", "container", model, "--text", "hello")
    #expect(text.status == 64)
    #expect(
      text.errors.hasPrefix(
        "error: unknown option '--text'; a text is given with --text, to generate or to forward\n"
      ))
  }

  @Test("a model that needs its config.json is told of without it")
  func missingConfiguration() throws {
    try folder.link("model.safetensors", to: Fixture.path("hymba-nvidia-tiny", "model.safetensors"))
    let run = try ToolProcess("hymba-verify", folder.file("model.safetensors"))
    #expect(run.status == 65)
    #expect(
      run.errors.hasSuffix(
        "the layout nvidia-hymba needs a configuration; put the config.json beside it, or pass it with --config\n"))
  }

  @Test(
    "two spellings of one file are found before the work",
    arguments: [
      ["--report", "a.html", "--report", "./a.html"], ["--report", "a.md", "--report", "link/a.md"],
      ["--card", "a.json", "--save-outputs", "sub/../a.json"], ["--report", "old.md", "--report", "to-old.md", "--force"],
    ])
  func spellings(_ options: [String]) throws {
    try folder.link("link", to: folder.path)
    try folder.makeFolder("sub")
    try folder.write("", to: "old.md")
    try folder.link("to-old.md", to: folder.file("old.md"))
    let run = try ToolProcess(
      shell: #"tool=$0; cd "$1"; shift; exec "$tool" "$@""#, "hymba-verify",
      arguments: [folder.path, model] + options)
    #expect(run.status == 64 && run.output == "")
    #expect(
      run.errors.hasPrefix(
        "error: --report, --save-outputs or --card name the same file twice; give each a name of its own\n"),
      "\(run.errors)")
  }

  @Test(
    "options that have no effect together are refused, with their names",
    arguments: [
      (["hymba-inspect", "--tree", "--json"], "--tree is a picture for people, and --json lists what it is made of"),
      (["hymba-inspect", "--histogram", "a", "--filter", "b"], "--histogram is of one parameter, and --filter of many"),
      (["hymba-inspect", "--tree", "--depth", "-1"], "--depth is -1; expected 1 or more"),
      (["hymba-verify", "--force"], "--force is of --save-outputs, --card and --report, and none of them is given"),
      (["hymba-verify", "--nmse", "1e-9"], "--nmse needs a reference, and neither --expect nor the checkpoint gives one"),
      (["hymba-verify", "--tolerance", "-1"], "--tolerance is -1; expected a finite number from 0 on"),
      (["hymba-verify", "--card", "-"], "a card is not written to standard output; name a .json file with --card"),
      (
        ["hymba-verify", "--report", "-"],
        "a report is not written to standard output; name a .html or .md file with --report"
      ),
    ])
  func refused(_ words: [String], _ message: String) throws {
    let run = try ToolProcess(words[0], arguments: [model] + words.dropFirst())
    #expect(run.status == 64 && run.output == "" && run.errors.hasPrefix("error: " + message), "\(run.errors)")
  }
}
