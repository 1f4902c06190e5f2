import Foundation
import HymbaFormat
import TestSupport
import Testing

@Suite("Wrong input of the tools")
struct FailureTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private static let commands = [
    ["hymba-inspect", "parameters"], ["hymba-inspect", "config"], ["hymba-inspect", "container"],
    ["hymba-verify", "forward"], ["hymba-verify", "container"], ["hymba-convert", "checkpoints"],
    ["hymba-convert", "export"],
  ]

  private func run(_ command: [String], _ path: String) throws -> ToolProcess {
    switch command {
    case ["hymba-convert", "checkpoints"]:
      try ToolProcess(command[0], command[1], path, "-o", folder.file("out.hymba"))
    case ["hymba-convert", "export"]:
      try ToolProcess(command[0], command[1], path, "-o", folder.file("out.safetensors"))
    default: try ToolProcess(command[0], command[1], path)
    }
  }

  @Test(
    "truncated, empty and unrelated files give one sentence and exit code 65", arguments: commands)
  func unreadable(_ command: [String]) throws {
    let model = try InputFile.contents(of: Fixture.sample("model.nx"), limit: 1 << 20)
    let tensors = try InputFile.contents(of: Fixture.sample("model.safetensors"), limit: 1 << 20)
    let hdf5 = try InputFile.contents(of: Fixture.path("hdf5", "flat.h5"), limit: 1 << 20)
    let files = [
      try folder.write(Array(model.prefix(1000)), to: "cut.nx"),
      try folder.write(Array(hdf5.prefix(20_000)), to: "cut.h5"),
      try folder.write(Array(tensors.prefix(tensors.count - 1)), to: "cut.safetensors"),
      try folder.write(Array(tensors.prefix(100)), to: "head.safetensors"),
      try folder.write([], to: "empty.safetensors"),
      try folder.write("just some text, long enough to be looked at", to: "notes.txt"),
    ]
    for file in files {
      let result = try run(command, file)
      #expect(result.status == 65, "\(file)")
      #expect(result.output == "")
      #expect(
        result.errors.hasPrefix("error: \(file): ") && result.errors.count { $0 == "\n" } == 1)
    }
    #expect(try folder.entries.filter { $0.hasPrefix("out") || $0.hasSuffix(".part") } == [])
  }

  @Test("a file that is not there is exit code 66", arguments: commands)
  func missing(_ command: [String]) throws {
    let result = try run(command, folder.file("none.nx"))
    #expect(result.status == 66)
    #expect(result.errors == "error: \(folder.file("none.nx")): no such file or folder\n")
  }

  @Test("an existing output is kept, exit code 73, and replaced with --force")
  func exists() throws {
    let path = try folder.write("precious", to: "out.hymba")
    let refused = try ToolProcess("hymba-convert", Fixture.sample("model.nx"), "-o", path)
    #expect(refused.status == 73)
    #expect(refused.errors == "error: \(path): exists already; pass --force to replace it\n")
    #expect(try folder.read("out.hymba") == Array("precious".utf8))
    #expect(
      try ToolProcess("hymba-convert", Fixture.sample("model.nx"), "-o", path, "--force").status
        == 0)
    #expect(try ToolProcess("hymba-verify", "container", path).status == 0)
  }

  @Test("a wrong command line is exit code 64")
  func usage() throws {
    for arguments in [
      ["--nonsense"], ["x.nx"], ["x.nx", "-o", "y", "--compression", "rar"], ["x.nx", "-o", "y", "--level", "best"],
      ["x.nx", "-o", "y", "--compression", "none", "--level", "max"],
      ["x.nx", "-o", "y", "--jobs", "0"],
    ] {
      let process = try ToolProcess.start("hymba-convert", arguments, in: folder)
      process.waitUntilExit()
      #expect(process.terminationStatus == 64, "\(arguments)")
    }
    #expect(
      try ToolProcess(
        "hymba-convert", Fixture.sample("model.nx"), "--dry-run", "--layout", "edifise"
      )
      .status == 64)
  }

  @Test("an unwritable place is exit code 74")
  func unwritable() throws {
    let path = folder.file("no/such/folder/out.hymba")
    let result = try ToolProcess("hymba-convert", Fixture.sample("model.nx"), "-o", path)
    #expect(result.status == 74)
    #expect(
      result.errors
        == "error: \(path): cannot be written: there is no folder “\(folder.file("no/such/folder"))”; make it first, as with mkdir -p\n"
    )
  }

  @Test("damage is named: a tensor, the manifest or the header")
  func damage() throws {
    let path = folder.file("m.hymba")
    #expect(try ToolProcess("hymba-convert", Fixture.sample("model.nx"), "-o", path).status == 0)
    let container = try ContainerSource(path)
    let bytes = try folder.read("m.hymba")
    let position = try #require(
      container.manifest.tensors.firstIndex { $0.descriptor.name == "layers.0.ffn.up_proj.weight" })
    let places = [
      (
        container.storedRanges[position].lowerBound + 100,
        "the tensor “layers.0.ffn.up_proj.weight” is damaged"
      ),
      (bytes.count - 40, "the manifest is damaged"), (20, "the header is damaged"),
      (
        try #require(bytes.firstRange(of: Array("hymba.manifest.sha256".utf8))).lowerBound + 8,
        "the header is damaged: it has no “hymba.manifest.sha256”, the SHA-256 that its manifest must have; copy, download or convert the checkpoint again\n"
      ),
    ]
    for (place, sentence) in places {
      var damaged = bytes
      damaged[place] ^= 4
      let file = try folder.write(damaged, to: "damaged.hymba")
      let result = try ToolProcess("hymba-verify", "container", file)
      #expect(result.status == 1 || result.status == 65)
      #expect(result.errors.hasPrefix("error: \(file): \(sentence)"), "\(result.errors)")
      // The command that runs is no remedy.
      #expect(!result.errors.contains("hymba-verify"), "\(result.errors)")
    }
  }

  @Test("a damaged container gets reports in JSON too, from both commands")
  func damageReports() throws {
    let path = folder.file("m.hymba")
    #expect(try ToolProcess("hymba-convert", Fixture.sample("model.nx"), "-o", path).status == 0)
    let container = try ContainerSource(path)
    let bytes = try folder.read("m.hymba")
    func damaged(_ place: Int) throws -> String {
      var copy = bytes
      copy[place] ^= 1
      return try folder.write(copy, to: "damaged.hymba")
    }
    let tensor = try damaged(container.storedRanges[3].lowerBound)
    let forward = try ToolProcess("hymba-verify", "forward", tensor, "--json")
    #expect(forward.status == 1)
    let checks = try #require(try forward.json["checks"] as? [[String: Any]])
    let failed = checks.filter { $0["passed"] as? Bool == false }
    #expect(failed.map { $0["name"] as? String } == ["container"])
    #expect(checks.filter { $0["passed"] is NSNull }.contains { $0["name"] as? String == "decoding" })

    for (place, part) in [
      (container.storedRanges[3].lowerBound, "tensor"), (20, "header"),
      (bytes.count - 40, "manifest"),
    ] {
      let run = try ToolProcess("hymba-verify", "container", try damaged(place), "--json")
      let parts = try #require(try run.json["damage"] as? [[String: Any]])
      #expect(run.status != 0 && parts.map { $0["part"] as? String } == [part])
    }
  }

  @Test("a file whose header is none may be a damaged container; another file is none, in JSON too")
  func noContainer() throws {
    let junk = try folder.write(
      [0x80, 0x81, 0x82, 0x83, 0x84, 0x85, 0x06, 0x07, 0xFF], to: "junk.hymba")
    for (file, output, errors) in [
      (
        junk, "header",
        "the header is damaged, or this is no .hymba container: declares a header of 506238812314304896 bytes; the format allows 100000000"
      ),
      (
        Fixture.sample("model.safetensors"), nil,
        "this is a checkpoint and no container; hymba-convert makes one of it, and hymba-verify forward checks it as it is"
      ),
      (folder.file("none.hymba"), nil, "no such file or folder"),
    ] {
      let run = try ToolProcess("hymba-verify", "container", file, "--json")
      let damage = output == nil ? nil : try run.json["damage"] as? [[String: Any]]
      #expect(run.status != 0 && (run.output == "") == (output == nil))
      #expect(damage?.first?["part"] as? String == output)
      #expect(run.errors == "error: \(file): \(errors)\n")
    }
  }

  @Test("a checkpoint that does not fit its model gets a report that says so")
  func inventory() throws {
    let source = try SafetensorsSource(Fixture.sample("model.safetensors"))
    let entries = try source.tensors.filter { $0.name != "hymba_block_3_ffn_down.bias" }.map {
      MemorySource.Entry($0.name, $0.type, $0.shape.dimensions, try source.bytes(of: $0))
    }
    let path = folder.file("m.safetensors")
    try SafetensorsWriter.write(MemorySource(entries), to: path, replace: false)
    let result = try ToolProcess("hymba-verify", path, "--json")
    #expect(result.status == 1)
    let checks = try #require(try result.json["checks"] as? [[String: Any]])
    #expect(checks.first?["name"] as? String == "inventory")
    #expect(
      checks.first?["detail"] as? String
        == "the tensors do not fit the model: 1 missing: hymba_block_3_ffn_down.bias")
  }

  @Test("a writer that is ended leaves nothing, one that is killed leaves no .hymba")
  func interrupted() throws {
    for (name, signal, status) in [("ended", SIGTERM, Int32(130)), ("killed", SIGKILL, 9)] {
      let streams = try TemporaryFolder()
      let path = folder.file(name + ".hymba")
      let process = try ToolProcess.start(
        "hymba-convert",
        ["init", "--embed-dim", "64", "--hidden-size", "1024", "--num-layers", "64", "-o", path],
        in: streams)
      // Wait for the writer to have begun: its unfinished file shows.
      while process.isRunning, try !folder.entries.contains(where: { $0.hasSuffix(".part") }) {
        usleep(2000)
      }
      kill(process.processIdentifier, signal)
      process.waitUntilExit()
      #expect(process.terminationStatus == status)
      let left = try folder.entries
      #expect(!left.contains { $0.hasSuffix(".hymba") })
      if signal == SIGTERM { #expect(left == []) }
    }
  }

  @Test("an export into a new folder that is ended leaves none; what a killed one leaves goes with the next")
  func interruptedExport() throws {
    let source = folder.file("m.hymba")
    let made = try ToolProcess(
      "hymba-convert", "init", "--embed-dim", "8", "--hidden-size", "256", "--num-layers", "8", "-o",
      source, "--compression", "none", "--no-verify")
    #expect(made.status == 0)
    let output = folder.file("out")
    let export = ["export", source, "--layout", "edifice", "--shard-size", "10MB", "-o", output]
    for (signal, status) in [(SIGTERM, Int32(130)), (SIGKILL, 9)] {
      let streams = try TemporaryFolder()
      let process = try ToolProcess.start("hymba-convert", export, in: streams)
      while process.isRunning, (try? FileSystem.entries(of: output))?.isEmpty ?? true {
        usleep(1000)
      }
      kill(process.processIdentifier, signal)
      process.waitUntilExit()
      #expect(process.terminationStatus == status)
      let left = FileSystem.exists(output) ? try FileSystem.entries(of: output) : nil
      if signal == SIGTERM {
        #expect(left == nil)
      } else {
        #expect(left?.isEmpty == false && left?.allSatisfy { $0.hasSuffix(".part") } == true)
      }
    }
    let run = try ToolProcess("hymba-convert", arguments: export)
    #expect(run.status == 0, "\(run.errors)")
    #expect(
      try FileSystem.entries(of: output).allSatisfy {
        $0.hasPrefix("model") || $0 == "build_opts.json"
      })
  }
}
