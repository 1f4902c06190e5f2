import TestSupport

@testable import HymbaFormat

/// A model of a few tensors, and the means to divide it.
struct PartedModel {
  static let entries: [MemorySource.Entry] = [
    .init("a.weight", .bfloat16, [40, 60], Random.bytes(4800).map { $0 & 7 }),
    .init("a.bias", .float32, [60], Random.bytes(240, seed: 2)),
    .init("b.weight", .bfloat16, [40, 60], Random.bytes(4800, seed: 3)),
    // The same bytes as the first one.
    .init("c.weight", .bfloat16, [40, 60], Random.bytes(4800).map { $0 & 7 }),
    .init("c.scale", .float32, [], Random.bytes(4, seed: 4)),
    .init("d.weight", .float32, [100, 10], Random.bytes(4000, seed: 5)),
  ]

  let source: MemorySource
  let writer: ContainerWriter
  let plan: PartPlan
  let attachments: Attachments
  var description = CheckpointDescription.verbatim(metadata: ["note": "of all"])

  init(
    _ division: PartPlan.Division = .count(3), _ entries: [MemorySource.Entry] = entries,
    compression: ContainerWriter.Compression = .zstd, level: CompressionLevel = .default, jobs: Int = 2, replace: Bool = false
  ) throws {
    self.source = try MemorySource(entries)
    var writer = ContainerWriter.test(compression, jobs: jobs, replace: replace)
    writer.level = level
    self.writer = writer
    var attachments = Attachments()
    try attachments.add(.file("tokenizer.json"), bytes: Random.bytes(3000).map { $0 & 3 })
    self.attachments = attachments
    self.plan = try PartPlan(
      source.tensors, division, attachments: attachments.tensors, description: description, writer: writer)
  }

  func writer(into folder: TemporaryFolder) -> PartsWriter { PartsWriter(plan, with: writer, into: folder.path) }

  @discardableResult
  func write(_ number: Int, into folder: TemporaryFolder) throws -> PartsWriter.Outcome {
    try writer(into: folder).write(number, of: source, with: attachments, jobs: 2)
  }

  /// Writes all parts and the index.
  @discardableResult
  func write(into folder: TemporaryFolder) throws -> ContainerSource {
    for number in 1...plan.count { try write(number, into: folder) }
    return try writer(into: folder).finish()
  }

  /// Writes the model into one container.
  func writeWhole(_ path: String) throws -> ContainerSource {
    try writer.write(source, description, with: attachments, to: path)
    return try ContainerSource(path)
  }
}

extension TemporaryFolder {
  /// The name of the part with a number of three, and its path.
  func part(_ number: Int, of count: Int = 3) -> String { file(PartName(number: number, count: count).text) }
}
