import Foundation
import HymbaConversion
import HymbaFormat
import HymbaModel
import HymbaVerification
import TestSupport
import Testing

/// The programs that the documentation of the libraries shows, line by line, and what they find.
@Suite("Programs of the documentation")
struct ProgramTests {
  private let files: TemporaryFolder
  private let path = Fixture.path("edifice-hymba-tiny", "model.nx")
  private let expected = Fixture.path("edifice-hymba-tiny", "expected.safetensors")

  init() throws { files = try TemporaryFolder() }

  /// Keeps what the programs print out of the log.
  private func print(_ items: Any...) {}

  @Test("a first program opens, runs, compares and converts")
  func first() throws {
    let container = files.file("first.hymba")

    let model = try OpenedModel.open(ModelInput(paths: [path]), OpeningOptions())
    print(model.location, model.layout.name, model.reason)
    #expect(model.layout.name == "edifice")

    do {
      let model = try OpenedModel.open(ModelInput(paths: [path]), OpeningOptions())
      let (architecture, _) = try model.requireArchitecture(for: "a forward pass")
      let pass = ForwardPass(architecture, parameters: model.parameters, jobs: 2)
      let output = try pass.run(Probe.input(for: architecture))
      print(output.dimensions, output.values.prefix(4))
      #expect(output.dimensions == [Probe.batch, 8])
    }

    var verification = ForwardVerification(jobs: 2)
    verification.expected = try Reference(expected)
    let (report, _) = try verification.run(model)
    #expect(report.passed)
    guard report.passed else {
      print(report.firstDivergence ?? "no capture differs", report.cause?.detail ?? "no known cause")
      return
    }
    #expect(report.comparison.count == 9)

    let writer = ContainerWriter(compression: .zstd, jobs: 2, replace: true, creator: "first program")
    let manifest = try writer.write(model.parameters, model.description, to: container)
    print(manifest.tensors.count, "tensors")
    #expect(manifest.tensors.count == model.inventory?.count)

    do {
      _ = try OpenedModel.open(ModelInput(paths: ["nothing.hymba"]), OpeningOptions())
    } catch let error as any Diagnosis {
      print(error.description, error.kind)
    }
    let error = #expect(throws: FileDiagnosis.self) {
      _ = try OpenedModel.open(ModelInput(paths: ["nothing.hymba"]), OpeningOptions())
    }
    #expect(error?.kind == .noInput)
  }

  @Test("a model is verified")
  func verify() throws {
    let model = try OpenedModel.open(ModelInput(paths: [path]), OpeningOptions())

    var verification = ForwardVerification(jobs: 2)
    verification.expected = try Reference(expected)
    let (report, _) = try verification.run(model)
    for check in report.checks { print(check.passed ? "ok  " : "FAIL", check.name, check.detail) }
    if let cause = report.cause { print("cause:", cause.detail) }
    #expect(report.passed && report.cause == nil)
  }

  @Test("a checkpoint becomes a container and a folder")
  func convert() throws {
    let (path, container, folder) = (
      Fixture.folder("falcon-h1-tiny"), files.file("model.hymba"), files.file("folder")
    )

    let model = try OpenedModel.open(ModelInput(paths: [path]), OpeningOptions())
    for sentence in model.warnings { print("warning:", sentence) }

    let writer = ContainerWriter(compression: .zstd, jobs: 2, replace: false, creator: "my program")
    try writer.write(model.parameters, model.description, to: container)

    let kept = try OpenedModel.open(ModelInput(paths: [container]), OpeningOptions())
    let options = ModelExport.Options(
      output: folder, shardBytes: 5_000_000_000, jobs: 2, creator: "my program", now: "2026-11-28T00:00:00Z")
    let outcome = try ModelExport(kept, options).write()
    print(outcome.layout, outcome.files, outcome.verified)
    #expect(outcome.layout == "hf-falcon-h1" && outcome.verified)
  }

  @Test("a checkpoint says what it is")
  func inspect() throws {
    let model = try OpenedModel.open(ModelInput(paths: [path]), OpeningOptions())

    let (architecture, inventory) = try model.requireArchitecture(for: "a listing")
    for parameter in inventory { print(parameter.name, parameter.shape, parameter.part.rawValue) }
    let sizes = try ModelSizes(architecture)
    print(sizes.parameterCount, sizes.activeParameterCount, sizes.keyValuesPerToken)
    #expect(sizes.parameterCount == inventory.reduce(0) { $0 + $1.shape.elementCount })

    for move in model.mapping { print(move.from, "->", move.to, move.steps) }
    #expect(Set(model.mapping.flatMap(\.to)) == Set(inventory.map(\.name)))
  }

  @Test("a layout of one's own opens a checkpoint")
  func layout() throws {
    let (path, document) = (
      Fixture.folder("user-layout"), Fixture.path("user-layout", "plum.json")
    )

    let layout = try LayoutCatalog.layout(document)
    print(layout.name, layout.rules.count)
    let model = try OpenedModel.open(ModelInput(paths: [path]), OpeningOptions(layout: document))
    #expect(model.layout.name == "plum" && layout.rules.count == 26)
  }

  @Test("a model runs at once, and step by step")
  func run() throws {
    let model = try OpenedModel.open(
      ModelInput(paths: [Fixture.folder("jamba-tiny")]), OpeningOptions())
    let (architecture, _) = try model.requireArchitecture(for: "a forward pass")

    let pass = ForwardPass(architecture, parameters: model.parameters, jobs: 2)
    let output = try pass.run(Probe.input(for: architecture))
    print(output.dimensions)

    try pass.run(Probe.input(for: architecture)) { capture, tensor in
      print(capture.name, tensor.dimensions)
    }

    let input = Probe.input(for: architecture)
    let decoder = try StepDecoder(pass, capacity: input.length)
    var state = decoder.start(batch: input.batch)
    let last = try decoder.step(input, &state)
    print(last.dimensions)
    #expect(output.dimensions == [2, 16, 64] && last.dimensions == [2, 64])
  }

  @Test("a container is read, checked and written")
  func container() throws {
    let (path, copy) = (files.file("model.hymba"), files.file("copy.hymba"))
    let model = try OpenedModel.open(ModelInput(paths: [self.path]), OpeningOptions())
    try ContainerWriter(compression: .zstd, jobs: 1, replace: false, creator: "test")
      .write(model.parameters, model.description, to: path)

    let container = try ContainerSource(path)
    for tensor in container.tensors {
      print(tensor.name, tensor.type.rawValue, tensor.shape, container.storedBytes(of: tensor))
    }

    let tensor = container.tensors["final_norm.weight"]!
    let bytes = try container.bytes(of: tensor)
    print(bytes.count == tensor.byteCount)
    let original = try model.parameters.bytes(of: tensor)
    #expect(bytes == original)

    let damage = try container.findDamage(jobs: 2)
    for part in damage { print(part) }
    #expect(damage == [])

    let writer = ContainerWriter(compression: .zstd, jobs: 2, replace: false, creator: "my program")
    let manifest = try writer.write(container, container.manifest.description, to: copy)
    print(manifest.tensors.count)
    let written = try ContainerSource(copy)
    #expect(written.fingerprint == container.fingerprint)
  }

  /// Articles of the libraries, and the page for programs.
  private static let pages: [String] = {
    let sources = Fixture.root + "/Sources"
    let all = FileManager.default.enumerator(atPath: sources)?.compactMap { $0 as? String } ?? []
    return all.filter { $0.contains(".docc/") && $0.hasSuffix(".md") }.map { sources + "/" + $0 }.sorted()
      + [Fixture.root + "/docs/programs.md"]
  }()

  private static func lines(_ path: String) throws -> [String] {
    String(decoding: try InputFile.contents(of: path, limit: 1 << 20), as: UTF8.self)
      .split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) }
  }

  @Test("every program that the documentation shows is one of these")
  func shown() throws {
    let source = try Self.lines(#filePath)
    var blocks = 0
    for page in Self.pages {
      var block: [String]?
      for line in try Self.lines(page) {
        if line == "```swift" {
          block = []
        } else if line == "```", let lines = block {
          let code = lines.filter { !$0.hasPrefix("import ") }
          #expect(code.isEmpty || source.contains(code), "\(page): \(code)")
          #expect(lines.allSatisfy { !$0.hasPrefix("import ") || source.contains($0) })
          block = nil
          blocks += 1
        } else {
          block?.append(line)
        }
      }
    }
    #expect(blocks >= 15)
  }
}
