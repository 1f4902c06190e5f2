import Foundation
import HymbaFormat
import TestSupport
import Testing

@Suite("What a container keeps, by the tools")
struct KeepingToolTests {
  private let folder: TemporaryFolder
  private let model = Fixture.folder("hymba-nvidia-tiny")
  private let recorded = Fixture.path("hymba-nvidia-tiny", "expected.safetensors")

  init() throws { folder = try TemporaryFolder() }

  private func run(_ arguments: String...) throws -> ToolProcess {
    try ToolProcess(arguments[0], arguments: Array(arguments.dropFirst()))
  }

  private func converted(_ options: String..., to name: String = "c.hymba") throws -> String {
    let path = folder.file(name)
    let run = try ToolProcess(
      "hymba-convert", arguments: ["checkpoints", model, "-o", path, "--quiet"] + options)
    try #require(run.status == 0, "\(run.errors)")
    return path
  }

  @Test("files are kept by default, listed, and left out on demand")
  func files() throws {
    let path = try converted()
    let listing = try run("hymba-inspect", "container", path, "--json").json
    let attachments = try #require(listing["attachments"] as? [[String: Any]])
    #expect(attachments.map { $0["name"] as? String } == ["hymba.files/generation_config.json"])
    #expect(listing["formatVersion"] as? String == "1.3")
    #expect(try run("hymba-inspect", "container", path).output.contains("hymba.files/generation_config.json"))
    let parameters = try run("hymba-inspect", "parameters", path, "--metadata", "--json").json
    #expect((parameters["attachments"] as? [[String: Any]])?.count == 1)
    #expect(try run("hymba-inspect", "parameters", path, "--metadata").output.contains("generation_config.json"))
    #expect(
      try run("hymba-verify", "container", path).output.contains("tensors and 1 attachment are as they were written"))
    let bare = try converted("--no-files", to: "bare.hymba")
    #expect(try ContainerSource(bare).manifest.attachments.isEmpty)
    #expect(try ContainerSource(bare).manifest.formatVersion == "1.0")
    // And of a container.
    let stripped = try run("hymba-convert", "checkpoints", path, "--no-files", "-o", folder.file("s.hymba"))
    #expect(stripped.status == 0)
    #expect(try ContainerSource(folder.file("s.hymba")).manifest.attachments.isEmpty)
  }

  @Test("a kept reference is used without being named, and set aside on demand")
  func reference() throws {
    let path = try converted("--reference", recorded)
    let kept = try run("hymba-verify", "forward", path, "--quick")
    #expect(kept.status == 0)
    #expect(kept.output.contains("\n  reference: kept in c.hymba, from expected.safetensors\n"))
    #expect(kept.output.contains("23 captures agree"))
    let none = try run("hymba-verify", "forward", path, "--quick", "--no-reference")
    #expect(none.status == 0 && !none.output.contains("agree"))
    let json = try run("hymba-verify", "forward", path, "--quick", "--json").json
    #expect((json["reference"] as? [String: Any])?["kept"] as? Bool == true)
    #expect(try run("hymba-verify", "forward", path, "--checks", "reference").status == 0)
    #expect(try run("hymba-verify", "forward", path, "--quick", "--like", "bf16").output.contains("as a run in"))
    let given = try run("hymba-verify", "forward", path, "--quick", "--expect", recorded, "--json").json
    #expect((given["reference"] as? [String: Any])?["kept"] as? Bool == false)
    let tokens = try run("hymba-verify", "forward", path, "--quick", "--tokens", "1,5,9")
    #expect(tokens.status == 0)
    #expect(
      tokens.errors.contains(
        "note: \(path): the reference in c.hymba is left aside, as another input is given"))
    let both = try run("hymba-verify", "forward", path, "--expect", recorded, "--no-reference")
    #expect(both.status == 64)
  }

  @Test("statistics are kept in place of values")
  func statistics() throws {
    let path = try converted("--reference-stats", recorded)
    let kept = try run("hymba-verify", "forward", path, "--quick")
    #expect(kept.status == 0 && kept.output.contains(", statistics alone"))
    #expect(kept.output.contains("statistics agree") && !kept.output.contains("captures agree"))
    let both = try ToolProcess(
      "hymba-convert", "checkpoints", model, "-o", folder.file("d.hymba"), "--reference", recorded,
      "--reference-stats", recorded)
    #expect(both.status == 64)
  }

  @Test("a reference that does not fit leaves no file")
  func refused() throws {
    let other = Fixture.path("jamba-tiny", "expected.safetensors")
    let path = folder.file("d.hymba")
    let run = try ToolProcess("hymba-convert", "checkpoints", model, "-o", path, "--reference", other)
    #expect(run.status == 1 && run.errors.hasPrefix("error: \(other): "), "\(run.errors)")
    #expect(!FileManager.default.fileExists(atPath: path))
  }

  @Test("a dry run refuses what the conversion would refuse", arguments: ["--reference", "--reference-stats"])
  func dry(_ option: String) throws {
    let path = folder.file("r.safetensors")
    var logits = [Float](repeating: 1, count: 64)
    logits[5] = .nan
    try SafetensorsWriter.write(
      MemorySource([
        .init("input_ids", .int64, [1, 1], [UInt8](repeating: 0, count: 8)),
        .init("logits", .float32, [1, 1, 64], logits.littleEndianBytes),
      ]), to: path, replace: true)
    for arguments in [["-o", folder.file("d.hymba")], ["-o", folder.file("d.hymba"), "--dry-run"], ["--dry-run"]] {
      let run = try ToolProcess(
        "hymba-convert", arguments: ["checkpoints", model, option, path] + arguments)
      #expect(run.status == 1 && run.output == "")
      #expect(
        run.errors
          == "error: \(path): “logits” holds NaN or infinite values, with which no verification can agree\n")
    }
    #expect(try folder.entries == ["r.safetensors"])
  }

  @Test("weights that are cast keep their reference, and every command says so")
  func rounded() throws {
    let path = try converted("--reference", recorded)
    let note = "the reference inside is kept as it was recorded, and the weights were cast to BF16, so it may be of the weights before that"
    let cast = folder.file("b.hymba")
    for arguments in [["checkpoints", path, "--force"], ["checkpoints", model, "--reference", recorded, "--force"], ["export", path, "--force"]] {
      let run = try ToolProcess(
        "hymba-convert", arguments: arguments + ["-o", cast, "--dtype", "BF16"])
      #expect(run.status == 0 && run.errors.contains("note: \(cast): \(note); where it differs, "), "\(run.errors)")
      #expect(try ContainerSource(cast).manifest.description.assumptions.contains(note))
    }
    let verified = try run("hymba-verify", "forward", cast, "--quick")
    #expect(verified.status == 1)
    let words = verified.output.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    #expect(words.contains("is the first that differs, and \(note); --no-reference leaves it aside"), "\(words)")
    #expect(try run("hymba-verify", "forward", cast, "--quick", "--no-reference").status == 0)
    // A new reference makes the note untrue, and nothing is rounded by a wider type.
    let again = try ToolProcess(
      "hymba-convert", "checkpoints", cast, "--reference", recorded, "-o", folder.file("n.hymba"))
    #expect(again.status == 0)
    #expect(try !ContainerSource(folder.file("n.hymba")).manifest.description.assumptions.contains(note))
    let wide = try run("hymba-convert", "checkpoints", path, "--dtype", "F64", "-o", folder.file("w.hymba"))
    #expect(wide.status == 0 && !wide.errors.contains("reference"))
    #expect(try run("hymba-verify", "forward", folder.file("w.hymba"), "--quick").status == 0)
  }

  @Test("what is kept is told apart from the weights, and as what it is")
  func size() throws {
    let bare = try run("hymba-convert", "checkpoints", model, "--no-files", "-o", folder.file("a.hymba"))
    #expect(bare.output.contains(" size ") && !bare.output.contains("with what is inside"))
    let kept = try run(
      "hymba-convert", "checkpoints", model, "--reference", recorded, "-o", folder.file("b.hymba"))
    let whole = try InputFile(folder.file("b.hymba")).byteCount.byteText
    #expect(kept.output.contains("; \(whole) with what is inside\n"), "\(kept.output)")
    #expect(kept.output.contains(", with the input, "))
    let container = try ContainerSource(folder.file("b.hymba"))
    let json = try run("hymba-convert", "checkpoints", folder.file("b.hymba"), "-o", folder.file("c.hymba"), "--json").json
    let conversions = try #require(json["conversions"] as? [[String: Any]])
    #expect(conversions[0]["attachedBytes"] as? Int == container.attachedRanges.reduce(0) { $0 + $1.count })

    var attachments = Attachments()
    try attachments.add(.probe("logits"), bytes: [1])
    try attachments.add(.unknown("hymba.later/x"), bytes: [1])
    try ContainerWriter(compression: .zstd, jobs: 1, replace: false, creator: "test").write(
      container, container.manifest.description, with: attachments, to: folder.file("l.hymba"))
    let strange = try run("hymba-convert", "checkpoints", folder.file("l.hymba"), "-o", folder.file("m.hymba"))
    #expect(strange.output.contains("inside       hymba.later/x, of a later version\n"), "\(strange.output)")
    #expect(strange.output.contains("1 capture, without an input, "), "\(strange.output)")
    let listing = try run("hymba-inspect", "parameters", folder.file("m.hymba"), "--metadata", "--json").json
    #expect(listing["unknownEntries"] as? [String] == [])
  }

  @Test("metadata are added, and wrong ones are wrong usage")
  func metadata() throws {
    let path = try converted("--metadata", "author=me", "--metadata", "run=7 = seven")
    let json = try run("hymba-inspect", "parameters", path, "--metadata", "--json").json
    #expect((json["metadata"] as? [String: String])?["run"] == "7 = seven")
    #expect(try run("hymba-convert", "export", path, "-o", folder.file("out") + "/").status == 0)
    let out = try SafetensorsSource(folder.file("out/model.safetensors"))
    #expect(out.metadata["author"] == "me")
    for wrong in ["author", "format=np", "hymba.x=1", "a=\u{7}"] {
      let run = try ToolProcess(
        "hymba-convert", "checkpoints", model, "-o", folder.file("d.hymba"), "--metadata", wrong)
      #expect(run.status == 64 && run.errors.hasPrefix("error: --metadata: "), "\(run.errors)")
    }
    let other = try run(
      "hymba-convert", "checkpoints", path, "-o", folder.file("d.hymba"), "--metadata", "author=you")
    #expect(other.status == 64)
    #expect(
      other.errors
        == "error: \(path): the checkpoint has the metadata “author” already, with another value\n")
  }

  @Test("an older container becomes one of the newest form, in its own place too")
  func upgrade() throws {
    let old = Fixture.path("older-container", "model.hymba")
    let bytes = try InputFile.contents(of: old, limit: 1 << 24)
    let path = try folder.write(bytes, to: "old.hymba")
    let before = try ContainerSource(path)
    let run = try ToolProcess(
      "hymba-convert", "checkpoints", path, "-o", path, "--force", "--metadata", "seen=yes")
    #expect(run.status == 0, "\(run.errors)")
    let after = try ContainerSource(path)
    #expect(after.fingerprint == before.fingerprint)
    #expect(after.metadata["seen"] == "yes")
    #expect(try after.findDamage(jobs: 2) == [])
    #expect(after.manifest.description.layout == before.manifest.description.layout)
    #expect(try folder.entries == ["old.hymba"])
  }

  @Test("everything that is kept goes from container to container, in its own place too, and a new reference replaces the old")
  func again() throws {
    let path = try converted("--reference", recorded, "--metadata", "author=me")
    let before = try ContainerSource(path)
    let names = Set(before.attached.names)
    #expect(try run("hymba-convert", "checkpoints", path, "-o", path, "--force").status == 0)
    let after = try ContainerSource(path)
    #expect(Set(after.attached.names) == names && after.fingerprint == before.fingerprint)
    #expect(after.metadata["author"] == "me")
    for name in names { #expect(try after.attached.bytes(of: name) == before.attached.bytes(of: name)) }
    let changed = try run(
      "hymba-convert", "checkpoints", path, "-o", folder.file("n.hymba"), "--reference-stats", recorded)
    #expect(changed.errors.contains("the reference that c.hymba kept gives way to \(recorded)"))
    let new = try ContainerSource(folder.file("n.hymba")).attached
    #expect(Set(new.names).contains(.probe("statistics.json")) && !Set(new.names).contains(.probe("logits")))
    // An export of a container to a container keeps all.
    #expect(try run("hymba-convert", "export", path, "-o", folder.file("e.hymba")).status == 0)
    #expect(try Set(ContainerSource(folder.file("e.hymba")).attached.names) == names)
  }

  @Test("what a container assumed yields to --config in every command")
  func assumed() throws {
    let bare = try folder.write(
      InputFile.contents(of: Fixture.path("edifice-hymba-tiny", "bare.nx"), limit: 1 << 20), to: "bare.nx")
    let options = Fixture.path("edifice-hymba-tiny", "build_opts.json")
    let path = folder.file("a.hymba")
    #expect(try run("hymba-convert", "checkpoints", bare, "-o", path).status == 0)
    let word = "num_heads is assumed"
    #expect(try run("hymba-inspect", "config", path).output.contains("num_heads"))
    let architecture = try run("hymba-inspect", "config", path, "--config", options)
    #expect(architecture.status == 0 && !architecture.output.contains(word))
    for (command, output) in [
      (["hymba-convert", "checkpoints", path, "-o", folder.file("n.hymba"), "--config", options], "n.hymba"),
      (["hymba-convert", "export", path, "-o", folder.file("e.hymba"), "--config", options], "e.hymba"),
      (["hymba-convert", "checkpoints", path, "-o", folder.file("h.hymba"), "--config", options, "--dtype", "BF16"], "h.hymba"),
    ] {
      let run = try ToolProcess(command[0], arguments: Array(command.dropFirst()))
      #expect(run.status == 0 && !run.errors.contains(word), "\(command): \(run.errors)")
      let manifest = try ContainerSource(folder.file(output)).manifest
      #expect(!manifest.description.assumptions.contains { $0.contains(word) }, "\(command)")
      let known = try self.run("hymba-inspect", "config", folder.file(output))
      #expect(!(known.output + known.errors).contains(word))
    }
    let expected = Fixture.path("edifice-hymba-tiny", "expected.safetensors")
    let verified = try run("hymba-verify", "forward", path, "--quick", "--config", options, "--expect", expected)
    #expect(verified.status == 0 && !(verified.output + verified.errors).contains(word))
    let listed = try run("hymba-inspect", "parameters", path, "--config", options)
    #expect(listed.status == 0 && !listed.errors.contains(word))
    let folderOf = Fixture.folder("edifice-hymba-tiny")
    let plain = try run("hymba-inspect", "diff", path, folderOf)
    #expect(plain.errors.contains(word) && plain.errors.contains("its model is another"))
    let diff = try run("hymba-inspect", "diff", path, folderOf, "--config", options)
    #expect(diff.status == 0 && !diff.errors.contains(word), "\(diff.errors)")
    let compared = try run("hymba-inspect", "compare", path, folderOf, "--config", options)
    #expect(compared.status == 0 && !compared.errors.contains(word), "\(compared.errors)")
  }
}
