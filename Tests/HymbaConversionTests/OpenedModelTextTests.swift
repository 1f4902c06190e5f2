import HymbaFormat
import HymbaText
import TestSupport
import Testing

@testable import HymbaConversion

@Suite("The tokenizer of a model")
struct OpenedModelTextTests {
  private let folder: TemporaryFolder

  /// A tokenizer of one merge, with the ids of its text in two files.
  private static let files = [
    "tokenizer.json":
      #"{"version":"1.0","model":{"type":"BPE","vocab":{"<s>":0,"a":1,"b":2,"ab":3},"merges":["a b"]}}"#,
    "tokenizer_config.json": #"{"bos_token":"<s>"}"#,
    "generation_config.json": #"{"eos_token_id":[2,3]}"#,
  ]

  init() throws {
    folder = try TemporaryFolder()
    try folder.makeFolder("source")
    for name in ["config.json", "model.safetensors"] {
      let path = Fixture.path("jamba-tiny", name)
      try folder.write(InputFile.contents(of: path, limit: 1 << 24), to: "source/" + name)
    }
    for (name, text) in Self.files { try folder.write(text, to: "source/" + name) }
  }

  private func open(_ path: String) throws -> OpenedModel {
    try OpenedModel.open(ModelInput(paths: [folder.file(path)]), OpeningOptions())
  }

  @Test("it is beside the checkpoint, be that a folder or a file", arguments: ["source", "source/model.safetensors"])
  func beside(_ path: String) throws {
    let model = try open(path)
    let tokenizer = try model.tokenizer()
    #expect(try tokenizer.encode("aab") == [1, 3])
    // The beginning is that of config.json, which counts before tokenizer_config.json.
    #expect(try model.sequenceMarks(tokenizer) == SequenceMarks(beginning: 1, ends: [2, 3]))
  }

  @Test("it is kept inside a container")
  func inside() throws {
    let source = try open("source")
    let kept = try KeptAttachments(of: source, files: true, reference: true)
    try folder.makeFolder("elsewhere")
    try ContainerWriter(compression: .zstd, jobs: 2, replace: true, creator: "test").write(
      source.parameters, source.description, with: kept.attachments, to: folder.file("elsewhere/model.hymba"))
    #expect(try open("elsewhere/model.hymba").tokenizer().encode("aab") == [1, 3])
  }

  @Test("where there is none, the error names the model")
  func none() throws {
    try folder.remove("source/tokenizer.json")
    let error = #expect(throws: FileDiagnosis.self) { try open("source").tokenizer() }
    #expect(error?.description.contains("there is no tokenizer.json beside the checkpoint") == true)
    #expect(error?.kind == .noInput)
  }

  @Test("a file that is no tokenizer is named")
  func broken() throws {
    try folder.write("{}", to: "source/tokenizer.json")
    let error = #expect(throws: FileDiagnosis.self) { try open("source").tokenizer() }
    #expect(error?.location == folder.file("source/tokenizer.json"))
  }
}
