import HymbaConversion
import HymbaFormat
import HymbaModel
import TestSupport
import Testing

@testable import HymbaVerification

@Suite("The check of conventions")
struct ConventionCheckTests {
  private func checks(_ own: ConventionCase, _ groups: Set<CheckGroup>) throws -> [String: Check] {
    let checkpoint = try own.checkpoint()
    let model = try OpenedModel.open(ModelInput(paths: [checkpoint.path]), OpeningOptions())
    var verification = ForwardVerification(jobs: 2)
    verification.checks = groups
    let report = try verification.run(model).0
    return Dictionary(uniqueKeysWithValues: report.checks.map { ($0.name, $0) })
  }

  @Test("an error fails it, a warning is told, and notes are left out", arguments: ConventionCase.all)
  func severities(_ own: ConventionCase) throws {
    let check = try #require(try checks(own, [.conventions])["conventions"])
    let outcome: Check.Outcome =
      switch own.severity {
      case "error": .failed
      case "warning": .warned
      default: .passed
      }
    #expect(check.outcome == outcome, "\(own.name): \(check.detail)")
    if outcome == .passed { #expect(check.detail == "the values are where the model expects them") }
  }

  @Test("what was never filled is told once, by the numbers where they are checked")
  func neverFilled() throws {
    for name in ["zero", "constant"] {
      let own = try #require(ConventionCase.all.first { $0.name == name })
      let checks = try checks(own, [.numbers, .conventions])
      #expect(checks["numbers"]?.outcome == (name == "zero" ? .failed : .warned))
      #expect(checks["conventions"]?.outcome == .passed)
    }
  }

  @Test("the parameters are named, with the figure that shows it")
  func detail() throws {
    let own = try #require(ConventionCase.all.first { $0.name == "decay-negative-bamba" })
    let check = try #require(try checks(own, CheckGroup.quick)["conventions"])
    #expect(check.detail.hasPrefix("layers.{0,2,3,5}.mamba.A_log: the values are negative, -5."), "\(check.detail)")
    #expect(check.detail.hasSuffix("and the model computes A = -exp(A_log)"))
  }
}
