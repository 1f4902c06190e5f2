import ArgumentParser
import HymbaConversion
import HymbaFormat
import HymbaModel
import HymbaTerminal

struct Config: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Show the architecture, the sizes that follow from it, and what was assumed.")

  @Argument(help: "A checkpoint: a file or a folder.")
  var source: String

  @OptionGroup var shared: SharedOptions

  func run() throws {
    try ToolRun.perform {
      let model = try OpenedModel.open(ModelInput(paths: [source]), shared.opening)
      let (architecture, inventory) = try model.requireArchitecture(for: "showing one")
      if shared.json {
        return try Terminal.show(json: ConfigReport(model, architecture, inventory))
      }
      Terminal.show(model.location.printable)
      show("layout", "\(model.layout.name), as \(model.reason)")
      if let configuration = model.description.configuration {
        show("configuration", configuration.origin)
      }
      let width = (Terminal.width ?? 80) - 4
      Terminal.show(lines: ArchitectureText(architecture, width: width).lines.map { "  " + $0 })
      show("parameters", "\(inventory.elementCount.groupedText) in \(inventory.count) tensors")
      for line in CacheLine.all(of: architecture) {
        show(
          "cache",
          "\(line.keyValueBytes.byteText) of keys and values and \(line.stateBytes.byteText) of states after \(line.context.groupedText) tokens"
        )
      }
      show("", CacheLine.formula)
      for assumption in model.assumptions { show("note", assumption) }
    }
  }

  private func show(_ label: String, _ text: String) {
    Terminal.show(
      lines: text.printable.wrapped(label: "  " + label.padded(17), width: Terminal.width))
  }
}

/// What decoding keeps for one sequence at 16 bits a value.
private struct CacheLine: Encodable {
  let context: Int
  let keyValueBytes: Int
  let stateBytes: Int

  static let formula =
    "(2 bytes a value: for each layer with keys of its own and each use of a shared block, prepended meta tokens + min(context, window + 1) times key + value width; for each Mamba branch, (conv - 1 + state) * inner)"

  static func all(of architecture: Architecture) -> [CacheLine] {
    [1024, 8192, 65536].map { context in
      let size = architecture.cacheSize(context: context)
      return CacheLine(
        context: context, keyValueBytes: 2 * size.keyValues, stateBytes: 2 * size.states)
    }
  }
}

/// The JSON form has a schema, `Schemas/config.schema.json`.
private struct ConfigReport: Encodable {
  let source: String
  let layout: LayoutReference
  let reason: String
  /// Where the configuration was found; null when there was none.
  @OrNull var configuration: String?
  let architecture: Architecture
  /// Sizes of each layer, by the names that layouts use.
  let sizes: [[String: Int]]
  let parameterCount: Int
  let tensorCount: Int
  let cache: [CacheLine]
  let assumptions: [String]

  init(_ model: OpenedModel, _ architecture: Architecture, _ inventory: ParameterInventory) {
    self.source = model.location
    self.layout = model.layout
    self.reason = model.reason
    self.configuration = model.description.configuration?.origin
    self.architecture = architecture
    self.sizes = architecture.layers.indices.map { architecture.sizes(layer: $0) }
    self.parameterCount = inventory.elementCount
    self.tensorCount = inventory.count
    self.cache = CacheLine.all(of: architecture)
    self.assumptions = model.assumptions
  }
}
