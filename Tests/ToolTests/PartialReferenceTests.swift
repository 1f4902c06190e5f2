import HymbaFormat
import TestSupport
import Testing

@Suite("A reference of fewer sequences than are run")
struct PartialReferenceTests {
  private let folder: TemporaryFolder
  private let words = "1 of 2 sequences compared"

  init() throws { folder = try TemporaryFolder() }

  /// The recorded input of two sequences, and the logits of the first.
  private func reference() throws -> String {
    let recorded = try SafetensorsSource(ForwardRun.recorded)
    let path = folder.file("partial.safetensors")
    let entries = try ["input_ids", "logits"].map { name in
      let tensor = try #require(recorded.tensors[name])
      let bytes = try recorded.bytes(of: tensor)
      guard name == "logits" else { return MemorySource.Entry(name, tensor.type, tensor.shape.dimensions, bytes) }
      let dimensions = tensor.shape.dimensions
      try #require(dimensions[0] == 2)
      return MemorySource.Entry(
        name, tensor.type, [1] + dimensions.dropFirst(), Array(bytes.prefix(bytes.count / 2)))
    }
    try SafetensorsWriter.write(MemorySource(entries), to: path, replace: false)
    return path
  }

  private func text(_ name: String) throws -> String { String(decoding: try folder.read(name), as: UTF8.self) }

  @Test("is told of by the text, the verdict, the page, the Markdown and the card")
  func everywhere() throws {
    let reference = try reference()
    let (page, markdown, card) = (folder.file("r.html"), folder.file("r.md"), folder.file("card.json"))
    let run = try ForwardRun.verify(
      "--quick", "--expect", reference, "--report", page, "--report", markdown, "--card", card)
    #expect(run.status == 0)
    let output = run.output.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    #expect(output.contains("1 capture agrees; \(words); the largest relative error is "), "\(output)")
    #expect(output.contains("what was run passed; \(words); not run: "), "\(output)")
    #expect(try text("r.html").contains(">What was run passed. 1 of 2 sequences compared. Not run: "))
    #expect(try text("r.html").contains("<dd>partial.safetensors, \(words)</dd>"))
    #expect(try text("r.md").contains("**What was run passed. 1 of 2 sequences compared. Not run: "))
    let json = try JSONValue(parsing: InputFile.contents(of: card, limit: 1 << 20))
    guard case .array(let captures)? = json["captures"] else { return #expect(Bool(false)) }
    #expect(captures.first?["sequences"] == .integer(1))

    let check = try ToolProcess("hymba-verify", "card", card, ForwardRun.model)
    let told = check.output.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    #expect(told.contains("partial.safetensors, 1 capture compared; \(words) fingerprint "), "\(told)")
    let checked = try ToolProcess("hymba-verify", "card", card, ForwardRun.model, "--json").json
    #expect(checked["coverage"] as? String == words)
  }

  @Test("is told of by the verdict alone, and one of all sequences is not")
  func quiet() throws {
    let partial = try ForwardRun.verify("--checks", "reference", "--expect", reference(), "--quiet")
    #expect(partial.status == 0 && partial.output.contains(words), "\(partial.output)")
    let whole = try ForwardRun.verify("--checks", "reference", "--expect", ForwardRun.recorded)
    #expect(whole.status == 0 && !whole.output.contains("sequences compared"))
  }
}
