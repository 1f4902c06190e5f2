import Foundation
import HymbaText
import TestSupport
import Testing

@Suite("Ids and texts equal those of Hugging Face's tokenizers")
struct EqualityTests {
  @Test("recorded ids and texts", arguments: try RecordedCases.kinds(in: Fixture.folder("tokenizers")))
  func recorded(_ kind: String) throws {
    let recorded = try RecordedCases(kind)
    #expect(recorded.cases.count >= 20)
    for item in recorded.cases {
      let differences = try item.differences(recorded.tokenizer)
      #expect(differences.isEmpty, "\(kind): \(differences.joined(separator: "\n"))")
    }
  }

  private static let python = ProcessInfo.processInfo.environment["HYMBA_PYTHON"] ?? "python3"

  private static func run(_ arguments: String...) throws -> Int32 {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = [python] + arguments
    // The recorder says much of what it leaves out.
    (process.standardOutput, process.standardError) = (FileHandle.nullDevice, FileHandle.nullDevice)
    try process.run()
    process.waitUntilExit()
    return process.terminationStatus
  }

  /// The texts are other ones each day, so that days of tests add up. The variable HYMBA_TEXTS asks for more of them.
  @Test(
    "texts of each kind that are made now",
    .enabled(if: (try? run("-c", "import tokenizers")) == 0, "\(python) lacks tokenizers"))
  func many() throws {
    let folder = try TemporaryFolder()
    let seed = Int(Date.now.timeIntervalSince1970) / 86_400
    let count = ProcessInfo.processInfo.environment["HYMBA_TEXTS"] ?? "100"
    let status = try Self.run(
      Fixture.path("tokenizers", "record.py"), folder.path, "--texts", count, "--seed", "\(seed)", "--models",
      Fixture.folder("tokenizers"))
    try #require(status == 0)
    for kind in try RecordedCases.kinds(in: folder.path) {
      let recorded = try RecordedCases(kind, in: folder.path)
      let differences = try recorded.cases.flatMap { try $0.differences(recorded.tokenizer) }
      #expect(
        differences.isEmpty,
        "\(kind), seed \(seed), \(differences.count) differences:\n\(differences.prefix(5).joined(separator: "\n"))")
    }
  }
}
