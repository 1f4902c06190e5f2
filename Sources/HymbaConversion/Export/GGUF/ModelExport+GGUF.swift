import HymbaCheckpoints
import HymbaFormat

extension ModelExport {
  /// Writes a GGUF file.
  func writeGGUF(_ outcome: inout ExportOutcome, _ progress: (Int) -> Void) throws {
    let export = try GGUFExport(model, layout: layout, storage: options.storage)
    // Every type of a GGUF file is made of F32.
    let floats = try ComputedSource(tensors, Cast(to: .float32), tally: CastTally())
    try GGUFWriter.write(
      floats, as: export.storage.type, keys: export.keys, to: options.output, replace: options.replace,
      acceptsLoss: options.cast?.acceptsLoss ?? false, jobs: options.jobs, verifies: options.verifies,
      progress: progress)
    outcome.bytes = floats.tensors.reduce(0) { $0 + export.storage.bytes(of: $1) }
    outcome.notes += export.notes
    var counts: [String: Int] = [:]
    for tensor in floats.tensors { counts[export.storage.type(of: tensor).name, default: 0] += 1 }
    let types = counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map { "\($0.key) (\($0.value))" }
    outcome.notes.append(.fact("the tensors are stored as \(Families.list(types, "and")), as llama.cpp's converter does"))
  }
}

extension OpenedModel {
  /// Whether the checkpoint came from a GGUF file, of which tensors are kept that are no parameters.
  package var isFromGGUF: Bool {
    get throws {
      try LayoutCatalog.builtIn().first { $0.name == layout.name }?.format == .gguf
    }
  }
}
