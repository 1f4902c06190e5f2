import HymbaConversion
import HymbaFormat
import HymbaModel
import Synchronization
import TestSupport
import Testing

@testable import HymbaVerification

@Suite("A verification goes through a checkpoint once")
struct TraversalTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// A container of a recorded set.
  private func container(_ set: String, _ compression: ContainerWriter.Compression) throws -> String
  {
    let model = try OpenedModel.open(
      ModelInput(paths: [Fixture.folder(set)]), OpeningOptions())
    let path = folder.file("\(set)-\(compression).hymba")
    try ContainerWriter(compression: compression, jobs: 2, replace: false, creator: "test").write(
      model.parameters, model.description, to: path)
    return path
  }

  @Test(
    "every byte of every tensor is read once, whatever is checked of it",
    arguments: ["hymba-nvidia-tiny", "jamba-tiny", "zamba-tiny"])
  func once(_ set: String) throws {
    for compression in ContainerWriter.Compression.allCases {
      let model = try OpenedModel.open(
        ModelInput(paths: [container(set, compression)]), OpeningOptions())
      let (architecture, _) = try model.requireArchitecture(for: "a test")
      let counting = CountingSource(model.parameters)
      let source = InspectedSource(counting, comparing: model.container, countsNumbers: true)
      let input = Probe.input(for: architecture)
      let runs = InvariantRuns(input, architecture, checks: Set(CheckGroup.allCases))
      let pass = ForwardPass(architecture, parameters: source, jobs: 2)
      _ = try ForwardRun(pass, input, beside: runs.lanes, keep: { _ in false })
      try source.readRest(jobs: 2, progress: {})
      for tensor in model.parameters.tensors {
        // Vectors of tokens that are the head as well are read in part before.
        let isEmbedding = tensor.name == "embed_tokens.weight"
        let count = counting.count(tensor.name)
        #expect(
          isEmbedding ? count <= 2 * tensor.byteCount : count == tensor.byteCount,
          "\(tensor.name): \(count) of \(tensor.byteCount)")
      }
      #expect(Set(source.numbers.keys) == Set(model.parameters.tensors.map(\.name)))
    }
  }

  @Test(
    "a tensor that is not what was written ends the run by its name, and nothing computed is told",
    arguments: ["embed_tokens.weight", "layers.1.mamba.in_proj.weight", "final_norm.weight"])
  func damaged(_ name: String) throws {
    let path = try container("hymba-nvidia-tiny", .none)
    let opened = try ContainerSource(path)
    let position = try #require(opened.manifest.tensors.firstIndex { $0.descriptor.name == name })
    var bytes = try folder.read(FileSystem.name(of: path))
    bytes[opened.storedRanges[position].upperBound - 1] ^= 1
    let damaged = try folder.write(bytes, to: "damaged.hymba")
    let model = try OpenedModel.open(ModelInput(paths: [damaged]), OpeningOptions())
    var told: [VerificationReport] = []
    let (report, captures) = try ForwardVerification(jobs: 2).run(
      model, reached: { told.append($0) })
    #expect(captures == nil && !report.passed)
    for report in told + [report] {
      #expect(report.layers.isEmpty && report.comparison.isEmpty)
    }
    let failed = report.checks.filter { $0.outcome == .failed }
    #expect(failed.map(\.name) == ["container"])
    #expect(
      failed.first?.detail
        == "the tensor “\(name)” is damaged: its stored bytes have another XXH3 than the manifest says")
    let others = report.checks.filter { !["inventory", "container"].contains($0.name) }
    #expect(others.allSatisfy { $0.outcome == .notRun } && others.map(\.name).contains("decoding"))
  }

  @Test("what was not asked for is not run, and says so", arguments: CheckGroup.allCases)
  func chosen(_ group: CheckGroup) throws {
    guard group != .reference else { return }
    let model = try OpenedModel.open(
      ModelInput(paths: [container("hymba-nvidia-tiny", .zstd)]), OpeningOptions())
    var verification = ForwardVerification(jobs: 1)
    verification.checks = [group]
    let (report, _) = try verification.run(model)
    let run = report.checks.filter { $0.outcome != .notRun }.map(\.name)
    #expect(Set(run) == Set(group.names).subtracting(["gates"]) && report.passed)
    #expect(
      report.checks.filter { $0.outcome == .notRun }.allSatisfy {
        $0.detail == "not run, as it was not asked for"
      })
    #expect((report.input == nil) == [.container, .inventory, .numbers, .conventions].contains(group))
  }

  @Test("a weight that is no number explains what it does to causality, whether numbers are a check or not")
  func explained() throws {
    let set = try OpenedModel.open(
      ModelInput(paths: [Fixture.folder("zamba-tiny")]), OpeningOptions())
    var vectors = try Tensor("embed_tokens.weight", from: set.parameters).values
    vectors[0] = .nan
    let name = "embed_tokens.weight"
    let path = folder.file("nan.hymba")
    try ContainerWriter(compression: .none, jobs: 1, replace: false, creator: "test").write(
      MemorySource(copying: set.parameters, changing: [name: vectors.littleEndianBytes]),
      set.description, to: path)
    let model = try OpenedModel.open(ModelInput(paths: [path]), OpeningOptions())
    for checks: Set<CheckGroup> in [[.causality], [.causality, .numbers]] {
      var verification = ForwardVerification(jobs: 1)
      verification.checks = checks
      // The changed input alone meets token 0.
      let size = try #require(model.architecture?.input.size)
      verification.tokens = [1, 2, 3, size - 1]
      let causality = try verification.run(model).0.checks.first { $0.name == "causality" }
      #expect(causality?.outcome == .notJudged, "\(causality?.detail ?? "")")
    }
  }
}

/// Counts the bytes that are read of each tensor.
private final class CountingSource: CheckpointSource {
  let tensors: TensorTable
  let location = "counted"
  let files: [SourceFile] = []
  private let source: any CheckpointSource
  private let counts = Mutex<[String: Int]>([:])

  init(_ source: any CheckpointSource) {
    self.source = source
    self.tensors = source.tensors
  }

  func count(_ name: String) -> Int { counts.withLock { $0[name] ?? 0 } }

  func read(
    _ tensor: TensorDescriptor, from offset: Int, into buffer: inout MutableRawSpan
  ) throws {
    let count = buffer.byteCount
    counts.withLock { $0[tensor.name, default: 0] += count }
    try source.read(tensor, from: offset, into: &buffer)
  }

  func reading(of tensor: TensorDescriptor, _ purpose: ReadingPurpose) throws -> any TensorReading {
    CountingReading(source: self, reading: try source.reading(of: tensor, purpose))
  }

  private struct CountingReading: TensorReading {
    let source: CountingSource
    let reading: any TensorReading
    var tensor: TensorDescriptor { reading.tensor }
    var windowBytes: Int { reading.windowBytes }
    var readsWholeWindows: Bool { reading.readsWholeWindows }

    func read(from offset: Int, into buffer: inout MutableRawSpan) throws {
      let count = buffer.byteCount
      source.counts.withLock { $0[tensor.name, default: 0] += count }
      try reading.read(from: offset, into: &buffer)
    }
  }
}
