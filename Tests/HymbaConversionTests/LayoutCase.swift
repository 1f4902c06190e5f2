import HymbaFormat
import HymbaModel
import TestSupport
import Testing

@testable import HymbaConversion

/// A layout, an architecture that it fits, and one way in which a checkpoint's names may differ from it.
///
/// The cases follow from the layouts themselves: a new layout, rule or variant makes new cases, and what no
/// architecture here exercises makes a test fail.
struct LayoutCase: Sendable, CustomTestStringConvertible {
  let layout: Layout
  /// What `--layout` takes; nil for a layout that is recognised without.
  let document: String?
  let model: String
  /// The family of the model's configuration.
  let family: String
  let architecture: Architecture
  let inventory: ParameterInventory
  let variant: NameVariant
  let plan: LayoutPlan

  var testDescription: String { "\(layout.name) of \(model), \(variant.text ?? "plain")" }

  /// Empty when a layout or a configuration cannot be read; ``made`` says why.
  ///
  /// The layouts of GGUF files compute numbers, which round. They have tests of their own.
  static let all = ((try? made.get()) ?? []).filter { $0.layout.format == nil }

  static let made = Result { try make() }

  private static func make() throws -> [LayoutCase] {
    let models = try LayoutModel.all()
    let user = Fixture.path("user-layout", "plum.json")
    let layouts =
      try LayoutCatalog.builtIn().map { ($0, nil) } + [(LayoutCatalog.layout(user), user)]
    return try layouts.flatMap { layout, document in
      var cases: [LayoutCase] = []
      for model in models {
        // The first model of the layout's family varies the names in every way.
        let isFirst = !cases.contains { $0.family == model.family }
        cases += try Self.cases(layout, document, model, isFirst: isFirst)
      }
      return cases
    }
  }

  private static func cases(
    _ layout: Layout, _ document: String?, _ model: LayoutModel, isFirst: Bool
  ) throws -> [LayoutCase] {
    let architecture = model.architecture
    let inventory = try ParameterInventory(architecture)
    // A checkpoint that holds everything tells which copies there can be, and under which layers.
    let complete = try LayoutPlan(
      layout, NameVariant(), architecture, inventory, isPresent: { _ in true })
    guard Set(complete.moves.flatMap(\.targets)) == Set(inventory.map(\.name)) else { return [] }
    let everything = complete.variant
    var cases: [LayoutCase] = []
    let varies = isFirst && layout.configuration.name == model.family
    for prefix in varies ? ["", "params.data."] : [""] {
      for omitted in varies ? Set(["", layout.optionalPrefix ?? ""]).sorted() : [""] {
        // All copies beside what they are copies of, or in place of it.
        let held =
          everything.copies.subsets.map { NameVariant(copies: $0) }
          + everything.copies.subsets.dropFirst().map { NameVariant(substitutes: $0) }
        for held in held {
          // Under other names than the layout's, every layer has a copy of what it shares.
          let isPlain = prefix.isEmpty && omitted.isEmpty && held.isPlain
          let all = everything.sharedLayers
          for shared in isPlain ? all.subsets : [all] {
            let variant = NameVariant(
              prefix: prefix, omitted: omitted, copies: held.copies,
              substitutes: held.substitutes, sharedLayers: shared)
            let present = layout.namesWithCopies(in: variant)
            let plan = try LayoutPlan(
              layout, variant, architecture, inventory, isPresent: present.contains)
            let one = LayoutCase(
              layout: layout, document: document, model: model.name, family: model.family,
              architecture: architecture,
              inventory: inventory, variant: variant, plan: plan)
            // What layers share is under one of them at least.
            if plan.variant.sharedLayers == shared, try one.fits { cases.append(one) }
          }
        }
      }
    }
    return cases
  }

  /// Whether the layout has a place for every parameter, and would be recognised.
  private var fits: Bool {
    get throws {
      let targets = plan.moves.flatMap(\.targets)
      guard targets.count == inventory.count, Set(targets) == Set(inventory.map(\.name)) else {
        return false
      }
      let shapes = try MemorySource(
        inventory.map { .init($0.name, .float32, $0.shape.dimensions, []) })
      let tensors = try exported(shapes).tensors
      // The keys of a GGUF file tell the layouts apart, and not the names alone.
      guard document == nil, layout.format == nil else { return LayoutDetection.match(tensors, layout) != nil }
      let layouts = try LayoutCatalog.builtIn()
      return (try? LayoutDetection.detect(tensors, among: layouts))?.layout == layout
    }
  }

  // MARK: Synthetic checkpoints

  /// Random bits under our names.
  func parameters() throws -> MemorySource {
    var bits = RandomBits(testDescription)
    let type = bits.type()
    return try MemorySource(
      inventory.map { bits.entry($0.name, type, $0.shape.dimensions) })
  }

  /// The parameters under the layout's names.
  func exported(_ parameters: some CheckpointSource) throws -> MappedSource {
    try MappedSource(parameters, moves: plan.moves.map(\.inverse), carried: [])
  }

  /// Random bits under the layout's names, equal where they are copies, with everything that the layout
  /// carries.
  func checkpoint() throws -> MemorySource {
    var bits = RandomBits("a checkpoint of " + testDescription)
    var entries = try exported(parameters()).tensors.map {
      bits.entry($0.name, $0.type, $0.shape.dimensions)
    }
    for move in plan.moves where move.steps.contains(.same(move.sources.count)) {
      let first = try #require(entries.first { $0.name == move.sources[0] })
      entries = entries.map {
        move.sources.contains($0.name)
          ? .init($0.name, $0.type, $0.dimensions, first.bytes) : $0
      }
    }
    for name in try carriedNames { entries.append(bits.entry(name, .int64, [3, 2])) }
    return try MemorySource(entries, metadata: ["format": "pt", "note": "kept"])
  }

  /// What the layout carries, for each layer, where a rule of another kind does not need it.
  var carriedNames: [String] {
    get throws {
      let used = Set(plan.moves.flatMap(\.sources))
      return try layout.rules.filter { $0.carry == true }.flatMap(\.from).flatMap { text in
        let pattern = try NamePattern(text)
        let layers = pattern.numbers.contains("layer") ? architecture.layers.indices : 0..<1
        return layers.compactMap {
          pattern.expanded(["layer": $0, "expert": 0], name: "extra").map(variant.external)
        }
      }.filter { !used.contains($0) }
    }
  }
}

/// Bytes without any structure, the same in every run.
private struct RandomBits {
  private var generator: SplitMix64

  init(_ seed: String) {
    generator = SplitMix64(seed: seed.utf8.reduce(7) { $0 &* 31 &+ UInt64($1) })
  }

  mutating func type() -> ElementType {
    [ElementType.float32, .bfloat16, .float64, .float8E4M3][Int(generator.next() % 4)]
  }

  mutating func entry(
    _ name: String, _ type: ElementType, _ dimensions: [Int]
  ) -> MemorySource.Entry {
    let count = dimensions.reduce(type.byteSize, *)
    var bytes: [UInt8] = []
    bytes.reserveCapacity(count + 8)
    while bytes.count < count {
      let word = generator.next()
      for shift in stride(from: 0, to: UInt64(64), by: 8) {
        bytes.append(UInt8(truncatingIfNeeded: word >> shift))
      }
    }
    return .init(name, type, dimensions, Array(bytes.prefix(count)))
  }
}

extension Array {
  /// All selections of elements, in order.
  fileprivate var subsets: [[Element]] {
    reduce([[]]) { subsets, element in subsets + subsets.map { $0 + [element] } }
  }
}
