import FoundationEssentials
import HymbaConversion
import HymbaFormat
import TestSupport
import Testing

@testable import HymbaVerification

/// A recorded set with one mistake, or with a change that no known cause explains.
struct Corruption: Decodable, CustomTestStringConvertible {
  let name: String
  let set: String
  /// Texts of the configuration with what stands in their place.
  let config: [[String]]
  let hasPatch: Bool
  let layer: Int?
  /// Nil for a control.
  let kind: String?
  let detail: String?

  var testDescription: String { "\(name) of \(set)" }

  static let all: [Corruption] = {
    let bytes = try? InputFile.contents(
      of: Fixture.path("corruptions", "corruptions.json"), limit: 1 << 20)
    return (try? JSONDecoder().decode([Corruption].self, from: Data(bytes ?? []))) ?? []
  }()

  /// The recorded set with the mistake, in a folder of its own.
  func make() throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    let recorded = try SourceOpener.open(Fixture.folder(set))
    var changed: [String: [UInt8]] = [:]
    if hasPatch {
      let patch = try SafetensorsSource(Fixture.path("corruptions", "patches/\(name).safetensors"))
      for tensor in patch.tensors { changed[tensor.name] = try patch.bytes(of: tensor) }
    }
    try SafetensorsWriter.write(
      MemorySource(copying: recorded, changing: changed), to: folder.file("model.safetensors"),
      replace: false)
    let bytes = try InputFile.contents(of: Fixture.path(set, "config.json"), limit: 1 << 20)
    let text = config.reduce(String(decoding: bytes, as: UTF8.self)) {
      $0.replacing($1[0], with: $1[1])
    }
    try folder.write(text, to: "config.json")
    return folder
  }
}

@Suite("The cause of a divergence")
struct CauseTests {
  private func verify(_ corruption: Corruption) throws -> VerificationReport {
    let folder = try corruption.make()
    let model = try OpenedModel.open(ModelInput(paths: [folder.path]), OpeningOptions())
    var verification = ForwardVerification(jobs: 1)
    verification.checks = CheckGroup.quick
    verification.expected = try Reference(Fixture.folder(corruption.set))
    return try verification.run(model).0
  }

  @Test("there are enough mistakes of all kinds, and enough controls")
  func count() {
    let kinds = Set(Corruption.all.compactMap(\.kind))
    #expect(kinds == Set(Cause.Kind.allCases.map(\.rawValue)))
    #expect(Corruption.all.count { $0.kind != nil } >= 40)
    #expect(Corruption.all.count { $0.kind == nil } >= 12)
  }

  @Test("a single mistake is named", arguments: Corruption.all.filter { $0.kind != nil })
  func named(_ corruption: Corruption) throws {
    let report = try verify(corruption)
    let passed = report.passed
    #expect(!passed)
    guard let cause = report.cause else {
      Issue.record("no cause: \(report.unexplained ?? "no search")")
      return
    }
    #expect(cause.kind.rawValue == corruption.kind, "\(cause.sentence)")
    let first = report.firstDivergence
    #expect(cause.layer == corruption.layer && cause.capture == first)
    if let detail = corruption.detail { #expect(cause.detail == detail) }
  }

  @Test(
    "what no known cause explains gets none", arguments: Corruption.all.filter { $0.kind == nil })
  func controls(_ corruption: Corruption) throws {
    let report = try verify(corruption)
    let passed = report.passed
    #expect(!passed)
    let cause = report.cause?.sentence
    #expect(cause == nil)
    let part = corruption.layer.map { "layer \($0)" } ?? ""
    let why = report.unexplained ?? ""
    #expect(why.hasPrefix(part) && why.contains("no single one of"), "\(why)")
  }
}
