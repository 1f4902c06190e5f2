import HymbaConversion
import HymbaFormat
import HymbaModel
import TestSupport
import Testing

@testable import HymbaInspection

/// What values say, against transformations that `Tests/Fixtures/reference/make_conventions.py` made.
@Suite("Conventions")
struct ConventionTests {
  /// The flags of a checkpoint by the names of its parameters.
  private func report(_ paths: [String], _ options: OpeningOptions = OpeningOptions()) throws -> ConventionReport {
    let model = try OpenedModel.open(ModelInput(paths: paths), options)
    let (architecture, inventory) = try model.requireArchitecture(for: "a test")
    let results = try ParameterPass().results(
      of: Array(model.parameters.tensors), in: model.parameters, jobs: 2,
      plan: { tensor in inventory[tensor.name].map { FigurePlan($0, in: architecture) } })
    return ConventionReport(
      results.compactMapValues(\.figures), architecture, inventory: inventory,
      tensors: model.parameters.tensors, statistics: results.compactMapValues(\.statistics))
  }

  /// The errors and warnings as texts.
  private func alarms(_ report: ConventionReport) -> [String] {
    report.groups.filter { $0.flag.severity != .note }.map {
      "\($0.flag.severity.rawValue) \($0.flag.kind.rawValue) \($0.subject): \($0.flag.message)"
    }
  }

  @Test("each transformation is named, for the parameters that it changed and no others", arguments: ConventionCase.all)
  func cases(_ own: ConventionCase) throws {
    let checkpoint = try own.checkpoint()
    let report = try report([checkpoint.path])
    guard let kind = own.kind else {
      #expect(alarms(report) == [], "\(own.name)")
      return
    }
    let found = report.groups.filter { $0.flag.kind.rawValue == kind && $0.flag.severity.rawValue == own.severity }
    // The recorded weights are drawn as those of a new model are, which is said of the others too.
    let names = Set(found.flatMap(\.names)).filter { kind != "fresh" || own.parameters.contains($0) }
    #expect(names == own.parameters, "\(own.name): \(report.groups)")
    let others = report.groups.filter { $0.flag.severity != .note && $0.flag.kind.rawValue != kind }
    // A matrix whose end is zero may be mostly zero as well.
    #expect(others.isEmpty, "\(own.name): \(others)")
    #expect(report.flags.values.allSatisfy { !$0.isEmpty })
  }

  @Test("heavy tails are not those of a new model")
  func trained() throws {
    let own = try #require(ConventionCase.all.first { $0.name == "control-fresh" })
    let checkpoint = try own.checkpoint()
    let flags = try report([checkpoint.path]).flags["layers.0.mamba.in_proj.weight"] ?? []
    #expect(!flags.contains { $0.kind == .fresh })
  }

  /// The folders of recorded sets, and of two trained models.
  private static let recorded = [
    "bamba-options", "bamba-tiny", "falcon-h1-options", "falcon-h1-tiny", "falcon-mamba-options",
    "falcon-mamba-tiny", "granite-hybrid-options", "granite-hybrid-tiny", "hymba-nvidia-options-a",
    "hymba-nvidia-options-b", "hymba-nvidia-options-c", "hymba-nvidia-options-d", "hymba-nvidia-small-sharded", "hymba-nvidia-tiny", "jamba-24-layers",
    "jamba-near-uniform", "jamba-router-tie", "jamba-tiny", "mamba-options", "mamba-tiny", "mamba2-options",
    "mamba2-tiny", "nemotron-h-options", "nemotron-h-tiny", "zamba-tiny", "zamba2-options", "zamba2-tiny",
    "../../samples/recall-hymba",
  ]

  /// `bamba-broken` has 1 added to the norms before the mixers alone.
  @Test("one kind of norms that got 1, or lost it, is named", arguments: [Float(0), -2])
  func oneKind(_ offset: Float) throws {
    let changed = try ChangedCheckpoint("bamba-broken") { entries in
      entries = entries.map { entry in
        guard entry.name.hasSuffix("input_layernorm.weight") else { return entry }
        let values = stride(from: 0, to: entry.bytes.count, by: 4).map { start in
          let bits = entry.bytes[start..<start + 4].reversed().reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
          return Float(bitPattern: bits) + offset
        }
        return .init(entry.name, entry.type, entry.dimensions, values.littleEndianBytes)
      }
    }
    let found = try report([changed.path]).groups.filter { $0.flag.kind == .normCentre }
    #expect(found.map(\.subject) == ["layers.{0..5}.norm.weight"] && found.first?.flag.severity == .error)
    let message = found.first?.flag.message ?? ""
    #expect(message.contains(offset == 0 ? "as where 1 was added" : "as where w - 1 is kept"), "\(message)")
  }

  @Test("recorded and trained models give no alarm", arguments: recorded)
  func silent(_ set: String) throws {
    #expect(alarms(try report([Fixture.folder(set)])) == [])
  }

  @Test(
    "nor do those with their configuration beside them",
    arguments: [
      ("edifice-hymba-tiny/model.safetensors", "build_opts.json"),
      ("edifice-hymba-small/model.safetensors", "build_opts.json"),
      ("edifice-hymba-same-dim/model.safetensors", "build_opts.json"),
      ("gated-prepended-tiny/model.safetensors", "architecture.json"),
      ("../../samples/gesture-hymba/model.safetensors", "build_opts.json"),
    ])
  func silentBeside(_ file: String, _ configuration: String) throws {
    let path = Fixture.folder(file)
    let folder = path.dropLast("model.safetensors".count)
    let report = try report([path], OpeningOptions(configuration: folder + configuration))
    #expect(alarms(report) == [])
  }

  @Test(
    "the recomputed sets give none either",
    arguments: [
      "bamba-no-attention", "falcon-h1-biases", "granite-hybrid-experts-rope", "granite-hybrid-memory-names",
      "granite-hybrid-no-layer-types", "mamba2-groups", "nemotron-h-expert-groups", "nemotron-h-memory-names",
      "zamba2-default-layers", "zamba2-older-names", "zamba2-rope-parameters",
    ])
  func recomputed(_ set: String) throws {
    #expect(alarms(try report([Fixture.path("recomputed", set)])) == [])
  }

  @Test("pieces in any order show the same")
  func pieces() throws {
    let width = 16
    var values = (0..<width * 12).map { Float($0 / width % 5) + Float($0 % width) }
    for index in 150..<values.count { values[index] = 0 }
    let tensor = try TensorDescriptor(name: "layers.0.ffn.up_proj.weight", type: .float32, dimensions: [12, width])
    let bytes = values.littleEndianBytes
    func figures(_ bounds: [Int]) -> ParameterFigures {
      var tally = FigureTally(tensor, FigurePlan(rowWidth: width))
      for (start, end) in zip(bounds, bounds.dropFirst()).reversed() {
        tally.add(tally.piece(Array(bytes[start..<end]).raw, at: start))
      }
      return tally.figures(zeros: values.count { $0 == 0 }, isFinite: true, constant: nil)
    }
    let whole = figures([0, bytes.count])
    // Rows 0 to 8 take the values 0 to 4 in turn, row 9 ends in zeros, and rows 10 and 11 are zero.
    #expect(whole.zeroTail == values.count - 150)
    #expect(whole.rows?.count == 12 && whole.rows?.repeated == 4 && whole.rows?.zero == 2)
    // Row 2 is cut, so that it is not compared: rows 2 and 7 are equal.
    let cut = figures([0, 64 * 2 + 20, 64 * 10, bytes.count])
    #expect(cut.zeroTail == whole.zeroTail)
    #expect(cut.rows?.count == 11 && cut.rows?.repeated == 3 && cut.rows?.zero == 2)
  }
}
