import TestSupport
import Testing

@Suite("The report on Jamba and Zamba")
struct FamilyReportTests {
  private func report(_ set: String) throws -> [String] {
    let run = try ToolProcess(
      "hymba-verify", "forward", Fixture.folder(set), "--expect",
      Fixture.path(set, "expected.safetensors"))
    #expect(run.status == 0)
    return run.output.split(separator: "\n").map(String.init)
  }

  // The numbers are those of statistics.json, by the float64 re-computation.

  @Test("says what each layer's mixer adds, and how its router spreads positions")
  func jamba() throws {
    let lines = try report("jamba-tiny")
    #expect(lines.contains("  layer  output       mixer      stream RMS  mixer RMS   share"))
    #expect(lines.contains("      2  [2, 13, 32]  attention       1.277     0.6267  49.1 %"))
    #expect(lines.contains("  layer  entropy   even  near-ties  load of experts, %"))
    #expect(lines.contains("      1    1.072  1.386          0  13 31 29 27"))
    #expect(lines.allSatisfy { $0.count <= 80 })
  }

  @Test("says what the shared block contributes where it is applied")
  func zamba() throws {
    let lines = try report("zamba-tiny")
    #expect(
      lines.contains("      1  [2, 13, 32]  mamba               1.102     0.5457  49.5 %       -"))
    #expect(
      lines.contains("      2  [2, 13, 32]  shared, mamba       1.237     0.3349  27.1 %  59.8 %"))
    #expect(lines.allSatisfy { $0.count <= 80 })
  }
}
