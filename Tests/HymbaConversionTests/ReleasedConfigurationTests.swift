import FoundationEssentials
import HymbaFormat
import HymbaModel
import TestSupport
import Testing

@testable import HymbaConversion

@Suite("Configurations of released hybrids")
struct ReleasedConfigurationTests {
  /// The sizes of a model, as the original classes count them.
  struct Totals: Decodable {
    let tensors: Int
    let parameters: Int
    let cacheValuesPerToken: Int
    let convState: Int
    let scanState: Int
  }

  static let names = [
    "bamba-9b", "falcon-h1-0.5b", "falcon-h1-1.5b", "falcon-h1-7b", "granite-4.0-h-1b",
    "granite-4.0-h-350m", "granite-4.0-h-small", "granite-4.0-h-tiny", "granite-4.0-micro",
    "nemotron-3-nano-30b-a3b", "nemotron-3-super-120b-a12b", "nemotron-h-56b", "nemotron-h-8b",
    "nemotron-nano-9b-v2", "zamba2-1.2b", "zamba2-2.7b", "zamba2-7b",
  ]

  /// The layout of a released model.
  private func layout(_ name: String) -> String {
    let layouts = [
      "bamba": "hf-bamba", "falcon": "hf-falcon-h1", "granite": "hf-granite-hybrid",
      "nemotron": "hf-nemotron-h", "zamba2": "hf-zamba2",
    ]
    return layouts[String(name.prefix { $0 != "-" })] ?? ""
  }

  private func totals() throws -> [String: Totals] {
    try JSONDecoder().decode(
      [String: Totals].self,
      from: Data(
        InputFile.contents(of: Fixture.path("released-configurations", "totals.json"), limit: 1 << 16)))
  }

  @Test("every configuration has its totals, and is in these tests")
  func all() throws {
    let files = try FileSystem.entries(of: Fixture.folder("released-configurations"))
      .filter { $0.hasSuffix(".json") && $0 != "totals.json" }.map { $0.dropLast(5) }
    #expect(files.sorted() == Self.names.map { $0[...] })
    #expect(try totals().keys.sorted() == Self.names)
  }

  @Test("give exactly the sizes that the original classes count", arguments: names)
  func sizes(_ name: String) throws {
    let architecture = try readArchitecture(
      configuration: Fixture.path("released-configurations", "\(name).json"))
    let totals = try #require(try totals()[name])
    let inventory = try ParameterInventory(architecture)
    #expect(inventory.elementCount == totals.parameters)
    let plan = try LayoutPlan(
      LayoutCatalog.layout(layout(name)), NameVariant(), architecture, inventory,
      isPresent: { _ in false })
    #expect(Set(plan.moves.flatMap(\.targets)).count == inventory.count)
    #expect(Set(plan.moves.flatMap(\.sources)).count == totals.tensors)
    #expect(architecture.keyValuesPerToken == totals.cacheValuesPerToken)
    let branches = architecture.layers.compactMap(\.mamba2)
    #expect(branches.reduce(0) { $0 + ($1.convWidth - 1) * $1.convolutionWidth } == totals.convState)
    #expect(branches.reduce(0) { $0 + $1.innerSize * $1.stateSize } == totals.scanState)
    #expect(architecture.cacheSize(context: 1).states == totals.convState + totals.scanState)
  }

  @Test(
    "come with a note where factors are left out that the model was released with",
    arguments: [
      (
        "granite-4.0-h-tiny",
        "attention_multiplier, logits_scaling and residual_multiplier", "IBM"
      ),
      (
        "granite-4.0-h-1b", "attention_multiplier, logits_scaling and residual_multiplier", "IBM"
      ),
      (
        "granite-4.0-h-small",
        "attention_multiplier, logits_scaling and residual_multiplier", "IBM"
      ),
      ("falcon-h1-1.5b", "all multipliers", "TII"),
    ])
  func factors(_ name: String, _ factors: String, _ maker: String) throws {
    let configuration = try Configuration(
      reading: Fixture.path("released-configurations", "\(name).json"))
    #expect(
      configuration.notes == [
        "\(name).json leaves out \(factors), and 1.0 stands for what is left out: that is the default of the original's class, but not what \(maker) released, so the sizes of the model are right and its results are not"
      ])
  }

  @Test("have no note otherwise", arguments: names)
  func notes(_ name: String) throws {
    let noted = ["granite-4.0-h-tiny", "granite-4.0-h-1b", "granite-4.0-h-small", "falcon-h1-1.5b"]
    guard !noted.contains(name) else { return }
    let path = Fixture.path("released-configurations", "\(name).json")
    #expect(try Configuration(reading: path).notes == [])
  }

  @Test("can be written for an export and read back", arguments: names)
  func derived(_ name: String) throws {
    let path = Fixture.path("released-configurations", "\(name).json")
    let configuration = try Configuration(reading: path)
    let architecture = try configuration.architecture()
    let document = try #require(configuration.family.derived(from: architecture, type: .bfloat16))
    #expect(try Configuration(document).architecture() == architecture)
  }
}
