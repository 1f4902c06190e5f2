import FoundationEssentials
import HymbaFormat
import TestSupport
import Testing

@testable import HymbaConversion
@testable import HymbaModel

@Suite("Activations")
struct ActivationNameTests {
  @Test("each of transformers' names without parameters has the values that transformers computes")
  func values() throws {
    let recorded = try JSONDecoder().decode(
      [String: [Double]].self,
      from: Data(
        InputFile.contents(of: Fixture.path("options", "activations.json"), limit: 1 << 20)))
    let x = try #require(recorded["x"])
    let names = Architecture.Activation.transformersNames
    #expect(Set(names.keys) == Set(recorded.keys).subtracting(["x"]))
    for (name, activation) in names {
      let expected = try #require(recorded[name])
      let got = activation(x.map { Float($0) })
      for (index, value) in got.enumerated() {
        let error = abs(Double(value) - expected[index])
        #expect(error <= 1e-6 * max(1, abs(expected[index])), "\(name)(\(x[index]))")
      }
    }
  }

  @Test("NaN stays NaN", arguments: Architecture.Activation.allCases)
  func notANumber(_ activation: Architecture.Activation) {
    #expect(activation([.nan])[0].isNaN)
  }

  @Test("a name that is derived is read back as the same function")
  func derived() {
    for activation in Architecture.Activation.allCases where activation != .softplus {
      let name = activation.transformersName
      #expect(name.flatMap { Architecture.Activation.transformersNames[$0] } == activation)
    }
    #expect(Architecture.Activation.softplus.transformersName == nil)
  }
}
