import Foundation
import HymbaFormat
import TestSupport
import Testing

@Suite("Models in parts, by the tools")
struct PartsToolTests {
  private let folder: TemporaryFolder
  private let model = Fixture.folder("hymba-nvidia-tiny")
  private let recorded = Fixture.path("hymba-nvidia-tiny", "expected.safetensors")

  init() throws { folder = try TemporaryFolder() }

  private func run(_ arguments: String...) throws -> ToolProcess {
    try ToolProcess(arguments[0], arguments: Array(arguments.dropFirst()))
  }

  private func convert(_ options: String..., source: String? = nil, to name: String = "m") throws -> ToolProcess {
    try ToolProcess(
      "hymba-convert",
      arguments: ["checkpoints", source ?? model, "-o", folder.file(name) + "/", "--quiet"] + options)
  }

  /// The contents of the files of a folder, by name.
  private func contents(_ name: String) throws -> [String: [UInt8]] {
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.file(name))
    return try Dictionary(uniqueKeysWithValues: names.map { ($0, try folder.read(name + "/" + $0)) })
  }

  @Test("one process, and one for each part in any order and with any jobs, write the same bytes")
  func anyEngine() throws {
    #expect(try convert("--parts", "3").status == 0)
    for part in ["3", "1", "2"] {
      let run = try convert("--parts", "3", "--part", part, "--jobs", part, to: "n")
      #expect(run.status == 0, "\(run.errors)")
      #expect(run.output == "\(model) -> \(folder.file("n"))/model-0000\(part)-of-00003.hymba\n")
    }
    #expect(try !contents("n").keys.contains("model.hymba.index.json"))
    #expect(try convert("--parts", "3", "--finish", to: "n").status == 0)
    let (one, several) = try (contents("m"), contents("n"))
    #expect(one.count == 4 && one == several)
  }

  @Test("every command takes the folder and its index as it takes one container")
  func commands() throws {
    let kept = ["--reference", recorded]
    let whole = folder.file("one.hymba")
    #expect(
      try ToolProcess("hymba-convert", arguments: ["checkpoints", model, "-o", whole, "--quiet"] + kept).status == 0)
    #expect(try convert("--parts", "4", "--reference", recorded).status == 0)
    let fingerprint = "\(try ContainerSource(whole).fingerprint)"
    for path in [folder.file("m"), folder.file("m/model.hymba.index.json")] {
      #expect(try run("hymba-inspect", "parameters", path, "--json").json["fingerprint"] as? String == fingerprint)
      let container = try run("hymba-verify", "container", path)
      #expect(container.output.contains(": index, 4 headers, 4 manifests, "))
      #expect(container.output.contains("fingerprint \(fingerprint)"))
      let forward = try run("hymba-verify", "forward", path, "--quick")
      #expect(forward.status == 0 && forward.output.contains("23 captures agree"), "\(forward.output)")
      #expect(try run("hymba-inspect", "diff", path, whole).status == 0)
      #expect(try run("hymba-inspect", "compare", path, whole).status == 0)
      #expect(try run("hymba-inspect", "config", path).status == 0)
      #expect(try run("hymba-inspect", "audit", path).output.contains("0 errors"))
      #expect(try run("hymba-verify", "generate", path, "--tokens", "1,5,9", "--count", "2").status == 0)
      let again = try run("hymba-convert", "checkpoints", path, "-o", folder.file("again.hymba"), "--force")
      #expect(again.status == 0, "\(again.errors)")
      #expect(try folder.read("again.hymba") == folder.read("one.hymba"))
      let export = try run("hymba-convert", "export", path, "-o", folder.file("back.safetensors"), "--force")
      #expect(export.status == 0, "\(export.errors)")
    }
    let json = try run("hymba-inspect", "container", folder.file("m"), "--json").json
    #expect((json["parts"] as? [[String: Any]])?.count == 4 && json["part"] is NSNull)
    let files = Set((json["entries"] as? [[String: Any]] ?? []).compactMap { $0["file"] as? String })
    #expect(files.count == 4)
  }

  @Test("one part is checked, listed and audited as what it is, and is no model")
  func onePart() throws {
    #expect(try convert("--parts", "3", "--part", "2").status == 0)
    let part = folder.file("m/model-00002-of-00003.hymba")
    let checked = try run("hymba-verify", "container", folder.file("m"), "--part", "2")
    #expect(checked.status == 0)
    #expect(checked.output.hasPrefix("\(part): header, manifest and "))
    #expect(checked.output.hasSuffix("\npart 2 of 3 of a model; the other parts were not read\n"))
    #expect(
      try run("hymba-verify", "container", folder.file("m"), "--part", "1").errors
        == "error: \(folder.file("m")): 1 of 3 parts are not there: 1; make each with --part\n")
    #expect(try run("hymba-inspect", "container", part).output.contains("\npart         2 of 3 of a model\n"))
    let listed = try run("hymba-inspect", "parameters", part)
    #expect(
      listed.errors
        == "note: \(part): listed under its own names: this is part 2 of 3 of a model\nnote: \(part): name the folder \(folder.file("m")) to list the whole model\n"
    )
    #expect(try run("hymba-inspect", "audit", part).output.contains("is part 2 of 3: name the folder"))
    let converted = try run("hymba-convert", "checkpoints", part, "-o", folder.file("x.hymba"))
    #expect(converted.status == 1)
    #expect(
      converted.errors
        == "error: \(part): this is part 2 of 3 of a model: name the folder that holds them, \(folder.file("m"))\n")
    #expect(try convert("--parts", "3", "--part", "3").status == 0)
    for command in [["hymba-inspect", "parameters"], ["hymba-verify", "container"]] {
      let run = try ToolProcess(command[0], arguments: [command[1], folder.file("m")])
      #expect(run.status == 65)
      #expect(
        run.errors
          == "error: \(folder.file("m")): the folder holds 2 of 3 parts of a model and no model.hymba.index.json, so the model is not finished: hymba-convert checkpoints SOURCE -o FOLDER --parts 3 makes those that are not there, and the index\n"
      )
    }
    let missing = try convert("--parts", "3", "--finish")
    #expect(missing.status == 66)
    #expect(missing.errors == "error: \(folder.file("m"))/: 1 of 3 parts are not there: 1; make each with --part\n")
  }

  @Test("a worker that is killed leaves no part, and the work goes on to the same bytes")
  func killed() throws {
    let source = folder.file("large.safetensors")
    let entries = (0..<6).map {
      MemorySource.Entry("t\($0)", .uint8, [4 << 20], [UInt8](repeating: UInt8($0), count: 4 << 20))
    }
    try SafetensorsWriter.write(MemorySource(entries), to: source, replace: false)
    let options = ["--layout", "verbatim", "--parts", "2", "--compression", "none"]
    #expect(
      try ToolProcess(
        "hymba-convert", arguments: ["checkpoints", source, "-o", folder.file("whole") + "/", "--quiet"] + options
      ).status == 0)
    let target = folder.file("m") + "/"
    let arguments = ["checkpoints", source, "-o", target, "--quiet"] + options
    var kills = 0
    for attempt in 0..<20 {
      let streams = try TemporaryFolder()
      let worker = try ToolProcess.start("hymba-convert", arguments + ["--part", "2"], in: streams)
      usleep(UInt32(2000 * (attempt + 1)))
      kill(worker.processIdentifier, SIGKILL)
      worker.waitUntilExit()
      if worker.terminationReason == .uncaughtSignal { kills += 1 }
      let names = (try? FileManager.default.contentsOfDirectory(atPath: target)) ?? []
      // A part that is there is whole.
      guard names.contains("model-00002-of-00002.hymba") else { continue }
      #expect(try run("hymba-verify", "container", target, "--part", "2").status == 0)
    }
    #expect(kills > 0)
    let resumed = try ToolProcess("hymba-convert", arguments: arguments)
    #expect(resumed.status == 0, "\(resumed.errors)")
    #expect(try contents("m") == contents("whole"))
  }

  @Test("several workers at the same part, at once, do no harm")
  func race() throws {
    #expect(try convert("--parts", "2", to: "whole").status == 0)
    let streams = try (0..<4).map { _ in try TemporaryFolder() }
    let arguments = ["checkpoints", model, "-o", folder.file("m") + "/", "--quiet", "--parts", "2"]
    let workers = try streams.map { try ToolProcess.start("hymba-convert", arguments, in: $0) }
    for worker in workers { worker.waitUntilExit() }
    for (worker, stream) in zip(workers, streams) {
      let errors = String(decoding: try stream.read("errors"), as: UTF8.self)
      #expect(worker.terminationStatus == 0, "\(errors)")
    }
    #expect(try contents("m") == contents("whole"))
  }

  @Test("options that do not fit each other are refused before anything is read")
  func usage() throws {
    func refusal(_ options: String...) throws -> String? {
      let run = try ToolProcess(
        "hymba-convert", arguments: ["checkpoints", "absent", "-o", folder.file("m")] + options)
      return run.status == 64 ? run.errors.split(separator: "\n").first.map(String.init) : nil
    }
    #expect(
      try refusal("--parts", "2", "--part-size", "1GB")
        == "error: --parts and --part-size both say how the model is divided; pass one")
    #expect(
      try refusal("--parts", "2", "--part", "1", "--finish")
        == "error: --part writes one part, and --finish the index of all; pass one at a time")
    #expect(try refusal("--part", "1") == "error: --part needs --parts or --part-size, the same for every part")
    #expect(try refusal("--finish") == "error: --finish needs --parts or --part-size, as the parts were made with")
    #expect(try refusal("--parts", "0") == "error: --parts is 0; expected a number from 1 to 512")
    #expect(try refusal("--parts", "1000000000") == "error: --parts is 1000000000; expected a number from 1 to 512")
    #expect(
      try refusal("--parts", "3", "--part", "4")
        == "error: --part is 4; expected a number from 1 to 3, the number of parts")
    #expect(
      try refusal("--parts", "2", "--base", "base.hymba")
        == "error: a model in parts has no base; leave --base or the options of parts out")
    let named = try run("hymba-convert", "checkpoints", model, "-o", folder.file("x.hymba"), "--parts", "2")
    #expect(named.status == 64)
    #expect(named.errors == "error: “x.hymba” names one container, and parts are several; name a folder with -o\n")
    let two = try run("hymba-convert", "checkpoints", model, Fixture.sample("model.nx"), "-o", folder.file("x"), "--parts", "2")
    #expect(two.status == 64)
    let size = try convert("--part-size", "20kB", "--part", "400")
    #expect(size.status == 64 && size.errors.contains("there is no part 400: the model is divided into "))
  }

  @Test("a part beside those to be written that other options made is told with a way out, with --force, too")
  func otherOptions() throws {
    #expect(try convert("--parts", "3", "--part", "1").status == 0)
    let text =
      "error: \(folder.file("m"))/model-00001-of-00003.hymba: is not the part that these options make: it is part 1 of 3 of another model, or of the same one divided or stored in another way; give all parts the same options, write this one again with --part 1 --force, or name another folder\n"
    for other in [["--compression", "none"], ["--level", "fast"], ["--level", "max"]] {
      let run = try ToolProcess(
        "hymba-convert",
        arguments: ["checkpoints", model, "-o", folder.file("m") + "/", "--parts", "3", "--part", "2", "--force"] + other)
      #expect(run.status == 73 && run.errors == text, "\(run.errors)")
    }
    let whole = try convert("--parts", "3", "--level", "max")
    #expect(whole.status == 73 && whole.errors.hasSuffix("stored in another way; pass --force to replace it\n"))
    #expect(try convert("--parts", "3", "--part", "1", "--level", "max", "--force").status == 0)
    #expect(try convert("--parts", "3", "--part", "2", "--level", "max").status == 0)
    #expect(try convert("--parts", "3", "--part", "3", "--level", "max").status == 0)
    let finish = try convert("--parts", "3", "--finish", "--force")
    #expect(finish.status == 73 && finish.errors == text)
    #expect(try convert("--parts", "3", "--finish", "--level", "max").status == 0)
  }

  @Test("a cast to the type that all tensors have makes the parts that no cast makes")
  func castOfNothing() throws {
    #expect(try convert("--parts", "2").status == 0)
    #expect(try convert("--parts", "2", "--part", "2", "--dtype", "F32", to: "n").status == 0)
    #expect(try convert("--parts", "2", to: "n").status == 0)
    #expect(try contents("m") == contents("n"))
  }

  @Test("sizes have decimal fractions, as the tools print them")
  func fractions() throws {
    func plan(_ size: String) throws -> String {
      let run = try ToolProcess("hymba-convert", arguments: ["checkpoints", model, "--part-size", size, "--dry-run"])
      #expect(run.status == 0, "\(run.errors)")
      return run.output
    }
    let expected = try plan("20500")
    #expect(expected.contains("\n  model-00002-of-"))
    for size in ["20.5kB", "20.5 kB", "0.0205MB", "20.500000000000000kb"] { #expect(try plan(size) == expected) }
    #expect(try plan("20.5KiB") == plan("20992"))
    #expect(try plan("1EB") == plan("100GB"))
    for size in ["1.1EB", "9999999999TB", "99999999999999999999999999999999999999999"] {
      let run = try ToolProcess("hymba-convert", arguments: ["checkpoints", model, "--part-size", size, "--dry-run"])
      #expect(run.status == 64)
      #expect(
        run.errors.hasPrefix(
          "error: the value '\(size)' is invalid for '--part-size <size>': expected a size of at most 1EB\n"))
    }
  }

  @Test("a cast tells the same of all parts together as of one container")
  func cast() throws {
    let whole = try run(
      "hymba-convert", "checkpoints", model, "-o", folder.file("one.hymba"), "--dtype", "F16", "--json", "--quiet"
    ).json
    let parts = try convert("--parts", "3", "--dtype", "F16", "--json").json
    let (one, several) = (
      (whole["conversions"] as? [[String: Any]])?.first, (parts["conversions"] as? [[String: Any]])?.first
    )
    let reports = [one, several].map { $0?["cast"] as? [String: Any] }
    #expect(reports[0] != nil && NSDictionary(dictionary: reports[0] ?? [:]).isEqual(to: reports[1] ?? ["": 0]))
    #expect(one?["fingerprint"] as? String == several?["fingerprint"] as? String)
    #expect((several?["parts"] as? [[String: Any]])?.map { $0["number"] as? Int } == [1, 2, 3])
    // A part is the same whoever makes the others.
    #expect(try convert("--parts", "3", "--part", "2", "--dtype", "F16", to: "n").status == 0)
    let name = "model-00002-of-00003.hymba"
    #expect(try folder.read("n/" + name) == folder.read("m/" + name))
  }

  @Test("what a dry run says of the parts is what is written")
  func dryRun() throws {
    let plan = try ToolProcess(
      "hymba-convert", arguments: ["checkpoints", model, "--parts", "3", "--dry-run", "--json"]
    ).json
    let written = try convert("--parts", "3", "--json").json
    func parts(_ document: [String: Any]) -> [String] {
      let outcome = (document["conversions"] as? [[String: Any]])?.first
      return (outcome?["parts"] as? [[String: Any]] ?? []).map {
        "\($0["file"] ?? "") \($0["tensors"] ?? "") \($0["bytes"] ?? "")"
      }
    }
    #expect(parts(plan).count == 3 && parts(plan) == parts(written))
  }
}
