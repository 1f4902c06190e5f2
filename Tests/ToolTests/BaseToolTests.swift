import Foundation
import HymbaFormat
import TestSupport
import Testing

@Suite("Fine-tunes relative to a base, by the tools")
struct BaseToolTests {
  private let folder: TemporaryFolder
  private let base: String
  private let tuned: String
  private static let config = Fixture.root + "/samples/recall-hymba/config.json"

  /// A model and a fine-tune of it: two of its matrices differ in some elements, one norm in all.
  init() throws {
    folder = try TemporaryFolder()
    base = folder.file("base.hymba")
    tuned = folder.file("tuned.safetensors")
    let model = Fixture.root + "/samples/recall-hymba/model.safetensors"
    let original = try SafetensorsSource(model)
    var changes: [String: [UInt8]] = [:]
    for tensor in original.tensors where tensor.name.hasSuffix("gate_proj.weight") || tensor.name.hasSuffix("final_layernorm.weight") {
      var bytes = try original.bytes(of: tensor)
      for place in stride(from: 0, to: bytes.count, by: tensor.shape.rank == 1 ? 2 : 46) { bytes[place] ^= 1 }
      changes[tensor.name] = bytes
    }
    try #require(changes.count == 5)
    let changed = try MemorySource(copying: original, changing: changes)
    try SafetensorsWriter.write(changed, to: tuned, replace: false, jobs: 2)
    try require(run("hymba-convert", model, "-o", base, "--quiet", "--config", Self.config))
  }

  private func run(_ arguments: String...) throws -> ToolProcess {
    try ToolProcess(arguments[0], arguments: Array(arguments.dropFirst()))
  }

  private func require(_ run: ToolProcess) throws { try #require(run.status == 0, "\(run.errors)") }

  private func converted(_ name: String, _ options: String...) throws -> String {
    let path = folder.file(name)
    try require(
      ToolProcess(
        "hymba-convert", arguments: [tuned, "-o", path, "--quiet", "--config", Self.config, "--force"] + options))
    return path
  }

  @Test("a fine-tune is written with what it takes from the base, and is the same model in every way that it is read")
  func wholeWay() throws {
    let relative = try converted("tuned.hymba", "--base", base)
    let plain = try converted("plain.hymba")
    let sizes = try [relative, plain].map { try folder.read(FileSystem.name(of: $0)).count }
    #expect(sizes[0] * 4 < sizes[1])
    let outcome = try ToolProcess(
      "hymba-convert",
      arguments: [tuned, "-o", relative, "--json", "--config", Self.config, "--force", "--base", base]).json
    let conversion = try #require((outcome["conversions"] as? [[String: Any]])?.first)
    let use = try #require(conversion["base"] as? [String: Any])
    #expect(use["file"] as? String == "base.hymba")
    #expect(use["equalTensors"] as? Int == 84 && use["differences"] as? Int == 4)
    #expect(try run("hymba-inspect", "diff", relative, plain).status == 0)
    #expect(
      try run("hymba-verify", "container", relative).output
        == "\(relative): header, manifest and 89 tensors are as they were written\nfingerprint \(try ContainerSource(plain).fingerprint)\n")
    #expect(try run("hymba-verify", "forward", relative, "--quick", "--quiet").status == 0)
    #expect(try run("hymba-inspect", "audit", relative, "--quiet").status == 0)
    for command in ["parameters", "config", "compare"] {
      #expect(try run("hymba-inspect", command, relative, "--quiet").status == 0)
    }
    let flat = folder.file("flat.hymba")
    try require(run("hymba-convert", relative, "-o", flat, "--quiet"))
    #expect(try folder.read("flat.hymba") == folder.read("plain.hymba"))
    for path in [relative, plain] {
      try require(run("hymba-convert", "export", path, "-o", path + ".safetensors", "--quiet"))
    }
    #expect(try folder.read("tuned.hymba.safetensors") == folder.read("plain.hymba.safetensors"))
  }

  @Test("a base that lies elsewhere is named, and one that is missing or another is one sentence")
  func missing() throws {
    let relative = try converted("tuned.hymba", "--base", base)
    let moved = folder.file("moved.hymba")
    try FileManager.default.moveItem(atPath: base, toPath: moved)
    let sentence = "\(relative): it is relative to a base, which was looked for at \(base) and is not there; name the base with"
    let output = folder.file("o.safetensors")
    for command in [
      ["hymba-verify", "forward"], ["hymba-inspect", "parameters"], ["hymba-inspect", "config"],
      ["hymba-verify", "generate", "--tokens", "1"],
    ] {
      let run = try ToolProcess(command[0], arguments: [command[1], relative] + command.dropFirst(2))
      #expect(run.status == 66 && run.errors == "error: \(sentence) --base\n")
    }
    let export = try run("hymba-convert", "export", relative, "-o", output)
    #expect(export.status == 66 && export.errors == "error: \(sentence) --base\n" && !FileSystem.exists(output))
    let convert = try run("hymba-convert", relative, "-o", folder.file("o.hymba"))
    #expect(convert.status == 66 && convert.errors == "error: \(sentence) --source-base\n")
    for command in [["hymba-verify", "container"], ["hymba-inspect", "parameters"], ["hymba-inspect", "audit"]] {
      #expect(try ToolProcess(command[0], arguments: [command[1], relative, "--base", moved]).status == 0)
    }
    try require(run("hymba-convert", "export", relative, "-o", output, "--base", moved, "--quiet"))
    try require(run("hymba-convert", relative, "-o", folder.file("o.hymba"), "--source-base", moved, "--quiet"))
    let plain = try converted("plain.hymba")
    let wrong = try run("hymba-verify", "forward", relative, "--base", plain)
    let fingerprints = try [moved, plain].map { try ContainerSource($0).fingerprint }
    #expect(wrong.status == 65)
    #expect(
      wrong.errors
        == "error: \(relative): it is relative to a base with the fingerprint \(fingerprints[0]), and \(plain) has \(fingerprints[1])\n")
    let alone = try run("hymba-verify", "forward", plain, "--base", moved)
    #expect(alone.status == 64)
    #expect(alone.errors == "error: \(plain): it stands alone and is relative to no base; leave out --base\n")
  }

  @Test("a model in parts is refused as a base")
  func baseInParts() throws {
    let parts = folder.file("parts")
    try require(run("hymba-convert", base, "-o", parts, "--parts", "2", "--quiet"))
    for named in [parts, parts + "/model-00002-of-00002.hymba"] {
      let run = try run("hymba-convert", tuned, "-o", folder.file("x.hymba"), "--config", Self.config, "--base", named)
      #expect(run.status == 64)
      #expect(
        run.errors == "error: \(named): this is a model in parts, and a base is one container; convert it to one first\n")
    }
  }

  @Test("without the base, the stored bytes are checked, and what was not compared is said")
  func unverified() throws {
    let relative = try converted("tuned.hymba", "--base", base)
    try FileManager.default.removeItem(atPath: base)
    let check = try run("hymba-verify", "container", relative)
    let fingerprint = try ContainerSource(relative).fingerprint
    #expect(check.status == 0)
    #expect(
      check.output.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        == "\(relative): header, manifest and the stored bytes of 5 tensors are as they were written not verified: the decoded bytes of 88 tensors, which need the base: it is relative to a base, which was looked for at \(base) and is not there; name the base with --base fingerprint \(fingerprint)"
    )
    #expect(!check.output.split(separator: "\n").contains { $0.count > 80 && $0.contains(" are ") })
    let json = try run("hymba-verify", "container", relative, "--json").json
    #expect(json["passed"] as? Bool == true && json["undecoded"] as? Int == 88)
    #expect(
      json["undecodedReason"] as? String
        == "it is relative to a base, which was looked for at \(base) and is not there; name the base with --base")
    let listing = try run("hymba-inspect", "container", relative, "--json").json
    let record = try #require(listing["base"] as? [String: Any])
    #expect((record["tensors"] as? [Any])?.count == 84 && record["file"] as? String == "base.hymba")
    #expect(try run("hymba-inspect", "container", relative).status == 0)
  }

  @Test("what is in the place of the base, and is not the base, is an error of a check, too")
  func wrongBase() throws {
    let relative = try converted("tuned.hymba", "--base", base)
    let intact = try folder.read("base.hymba")
    func expect(_ text: String, _ options: String...) throws {
      let check = try ToolProcess("hymba-verify", arguments: ["container", relative] + options)
      #expect(check.status == 65 && check.output == "" && check.errors == "error: \(text)\n", "\(check.errors)")
      #expect(try ToolProcess("hymba-verify", arguments: ["forward", relative] + options).errors == check.errors)
      let run = try ToolProcess("hymba-verify", arguments: ["container", relative, "--json"] + options)
      #expect(run.status == 65 && run.errors == check.errors)
      let json = try run.json
      #expect(json["passed"] as? Bool == false && json["undecoded"] as? Int == 89)
      #expect(json["undecodedReason"] as? String == text && (json["damage"] as? [Any])?.isEmpty == true)
    }
    let plain = try converted("plain.hymba")
    let fingerprints = try [base, plain].map { try ContainerSource($0).fingerprint }
    func other(_ path: String) -> String {
      "\(relative): it is relative to a base with the fingerprint \(fingerprints[0]), and \(path) has \(fingerprints[1])"
    }
    try expect(other(plain), "--base", plain)
    try folder.write(folder.read("plain.hymba"), to: "base.hymba")
    try expect(other(base) + "; name the base with --base")
    try folder.write(Array(intact[..<1000]), to: "base.hymba")
    let cut = try run("hymba-verify", "container", relative)
    #expect(cut.status == 65 && cut.errors.hasPrefix("error: \(base): the header is damaged, or this is no .hymba container: "))
    #expect(cut.errors.hasSuffix("; it was cut short, or is damaged: copy or download it again\n"))
    try folder.remove("base.hymba")
    #expect(unsafe mkfifo(base, 0o600) == 0)
    try expect("\(base): this is a pipe, a socket or a device and no file; save what comes from it to a file first")
  }

  @Test("the base of a base must lie beside it, and the sentence says so")
  func chain() throws {
    let first = try converted("first.hymba", "--base", base)
    let second = folder.file("second.hymba")
    try require(run("hymba-convert", first, "-o", second, "--base", first, "--quiet"))
    try FileManager.default.moveItem(atPath: base, toPath: folder.file("moved.hymba"))
    let text = "error: \(first): this base is relative to a base itself, which must lie beside it, and \(base) is not there\n"
    for options in [[], ["--base", first]] {
      let run = try ToolProcess("hymba-verify", arguments: ["forward", second] + options)
      #expect(run.status == 66 && run.errors == text)
    }
    let written = try run("hymba-convert", tuned, "-o", folder.file("o.hymba"), "--config", Self.config, "--base", first)
    #expect(written.status == 66 && written.errors == text)
  }

  @Test("a folder is no base, and the sentence says what one is", arguments: [["hymba-verify", "forward"], ["hymba-convert", "checkpoints"]])
  func folderAsBase(_ command: [String]) throws {
    let relative = try converted("tuned.hymba", "--base", base)
    let empty = folder.file("empty")
    try folder.makeFolder("empty")
    let output = command[1] == "checkpoints" ? ["-o", folder.file("o.hymba")] : []
    for (path, advice) in [
      (folder.path, "name that file"),
      (empty, "convert the checkpoint first, and name the container"),
    ] {
      let run = try ToolProcess(command[0], arguments: [command[1], relative, "--base", path] + output)
      #expect(run.status == 64)
      #expect(run.errors == "error: \(path): this is a folder, and a base is one container in one file; \(advice)\n")
    }
  }

  @Test("a base in parts serves for reading")
  func readingFromParts() throws {
    let relative = try converted("tuned.hymba", "--base", base)
    let parts = folder.file("parts")
    try require(run("hymba-convert", base, "-o", parts, "--parts", "2", "--quiet"))
    try folder.remove("base.hymba")
    try require(run("hymba-verify", "container", relative, "--base", parts))
  }

  @Test("a base of which nothing can be taken is left out, with a warning")
  func unrelated() throws {
    let other = folder.file("other.hymba")
    try require(run("hymba-convert", Fixture.sample("model.nx"), "-o", other, "--quiet"))
    let path = folder.file("alone.hymba")
    let run = try run("hymba-convert", tuned, "-o", path, "--config", Self.config, "--base", other)
    #expect(run.status == 0)
    #expect(run.errors == "warning: \(path): no tensor takes fewer bytes relative to \(other), so it stands alone\n")
    #expect(!run.output.contains("  base  "))
    _ = try converted("plain.hymba")
    #expect(try folder.read("alone.hymba") == folder.read("plain.hymba"))
  }

  @Test("what cannot be a base, or would take its place, is refused before anything is written")
  func refused() throws {
    let output = folder.file("o.hymba")
    func message(_ options: String...) throws -> String {
      let run = try ToolProcess("hymba-convert", arguments: [tuned, "--config", Self.config] + options)
      #expect(run.status != 0 && run.output == "" && !FileSystem.exists(output))
      return String(run.errors.prefix { $0 != "\n" })
    }
    #expect(
      try message("-o", output, "--base", tuned)
        == "error: \(tuned): this is a checkpoint and no container, and a base is one; convert it first, and name the container")
    #expect(try message("-o", output, "--base", folder.file("none.hymba")).hasSuffix("none.hymba: no such file or folder"))
    #expect(
      try message("-o", output, "--base", base, "--compression", "none")
        == "error: --compression none stores every tensor as it is, and --base what differs; leave one of them out")
    let before = try folder.read("base.hymba")
    #expect(
      try message("-o", base, "--base", base, "--force")
        == "error: \(base): this is a base, without which what is relative to it cannot be read; name another output")
    let relative = try converted("tuned.hymba", "--base", base)
    let replacing = try run("hymba-convert", relative, "-o", base, "--force")
    #expect(replacing.status == 64 && replacing.errors.contains("this is a base"))
    #expect(try folder.read("base.hymba") == before)
  }

  @Test("a base in another folder than the output is noted")
  func elsewhere() throws {
    let other = folder.file("other")
    try FileManager.default.createDirectory(atPath: other, withIntermediateDirectories: false)
    let path = other + "/tuned.hymba"
    let run = try run("hymba-convert", tuned, "-o", path, "--config", Self.config, "--base", base)
    #expect(run.status == 0)
    #expect(
      run.errors.contains(
        "note: \(path): its base lies in another folder; put base.hymba beside it, or name it with --base whenever this container is read\n"))
    #expect(run.output.contains("  base         base.hymba: 84 tensors equal, 4 stored as differences, 1 whole\n"))
  }
}
