import Foundation
import TestSupport
import Testing

@Suite("Work for an output that nobody receives")
struct LostOutputTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// Runs a tool whose standard output is a full disk.
  private func full(_ tool: String, _ arguments: String...) throws -> (status: Int32, errors: String) {
    let process = try ToolProcess.start(tool, arguments, in: folder, output: "/dev/full")
    process.waitUntilExit()
    return (process.terminationStatus, String(decoding: try folder.read("errors"), as: UTF8.self))
  }

  private static let lost = "error: standard output cannot be written\n"

  @Test("generate ends with the first token that cannot be written, and tells no rate", .timeLimit(.minutes(1)))
  func generate() throws {
    let run = try full("hymba-verify", "generate", Fixture.folder("jamba-tiny"), "--tokens", "1", "--count", "1000000", "--memory", "8GB")
    #expect(run.status == 74)
    #expect(run.errors.hasPrefix("note: --count: ") && run.errors.hasSuffix("(max_position_embeddings)\n" + Self.lost), "\(run.errors)")
  }

  @Test("parameters ends with the first checkpoint, unless a report wants all of them")
  func parameters() throws {
    let damaged = try folder.write("no checkpoint", to: "damaged.safetensors")
    let sample = Fixture.sample("model.nx")
    let run = try full("hymba-inspect", "parameters", sample, damaged)
    #expect(run.status == 74 && run.errors == Self.lost, "\(run.errors)")
    let report = folder.file("r.html")
    let reported = try full("hymba-inspect", "parameters", sample, damaged, "--report", report)
    #expect(reported.errors.hasPrefix("error: \(damaged): ") && reported.errors.hasSuffix(Self.lost), "\(reported.errors)")
    #expect(FileManager.default.fileExists(atPath: report))
  }

  @Test("forward ends with the first line, unless it writes a file too")
  func forward() throws {
    let report = folder.file("r.md")
    let model = Fixture.folder("jamba-tiny")
    #expect(try full("hymba-verify", "forward", model) == (74, Self.lost))
    #expect(try full("hymba-verify", "forward", model, "--report", report) == (74, Self.lost))
    #expect(try String(contentsOfFile: report, encoding: .utf8).contains("Verification of"))
  }
}
