import ArgumentParser
import HymbaFormat
import HymbaModel
import HymbaTerminal

/// The options that say how the next token is chosen.
struct SamplingOptions: ParsableArguments {
  @Option(
    name: [.long, .customLong("temp")], parsing: .unconditional,
    help: ArgumentHelp(
      "Leave the choice to chance: 1 for the model's own probabilities, less for more likely tokens. By default 0: the most probable token.",
      valueName: "number"))
  var temperature: TypedNumber?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Choose among so many most probable tokens. Needs --temperature.", valueName: "k"))
  var topK: Int?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Choose among the most probable tokens that have this share of the probability together, like 0.95. Needs --temperature.",
      valueName: "share"))
  var topP: TypedNumber?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "The start of the random numbers, from 0 on. By default 0.", valueName: "number"))
  var seed: UInt64?

  func validate() throws {
    if temperature.map({ $0.value == 0 }) ?? true {
      for (option, isGiven) in [("--top-k", topK != nil), ("--top-p", topP != nil), ("--seed", seed != nil)]
      where isGiven {
        throw ValidationError(
          "\(option) says how chance chooses, and without a --temperature above 0 nothing is left to chance.")
      }
    }
    do {
      _ = try sampling()
    } catch {
      guard case .option(let name, let found, let expected) = error else { throw error }
      // The number is repeated as it was typed.
      let typed = name == "temperature" ? temperature?.text : name == "top-p" ? topP?.text : nil
      throw ValidationError("--\(name) is \((typed ?? found).printable); expected \(expected).")
    }
  }

  /// - Throws: As ``Sampling/init(temperature:topK:topP:seed:)``.
  func sampling() throws(ModelError) -> Sampling {
    try Sampling(
      temperature: temperature?.value ?? 0, topK: topK, topP: topP?.value, seed: seed ?? 0)
  }
}
