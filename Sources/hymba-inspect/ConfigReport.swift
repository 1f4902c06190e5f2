import HymbaConversion
import HymbaFormat
import HymbaModel
import HymbaTerminal

/// The architecture of a checkpoint, or of a configuration alone, and the sizes that follow from it. The schema
/// of its JSON form is `Schemas/config.schema.json`.
struct ConfigReport: Encodable {
  let source: String
  /// The layout is null for a configuration alone, and so is the reason.
  @OrNull var layout: LayoutReference?
  @OrNull var reason: String?
  /// The origin of the configuration; null when there was none.
  @OrNull var configuration: String?
  let architecture: Architecture
  /// The layers, one character each.
  let pattern: String
  /// The sizes of each layer, by the names that layouts use.
  let sizes: [[String: Int]]
  let parameterCount: Int
  let tensorCount: Int
  /// For a configuration alone, the number of tensors in a checkpoint of each layout that its family has.
  var layouts: [LayoutSize] = []
  let cache: [CacheLine]
  let assumptions: [String]

  init(_ model: OpenedModel) throws {
    let (architecture, inventory) = try model.requireArchitecture(for: "showing one")
    self.init(model.location, architecture, inventory, assumptions: model.assumptions)
    self.layout = model.layout
    self.reason = model.reason
    self.configuration = model.description.configuration?.origin
  }

  init(_ path: String, _ file: ConfigurationFile) throws {
    let inventory = try naming(path) { try ParameterInventory(file.architecture) }
    self.init(path, file.architecture, inventory, assumptions: file.notes)
    self.configuration = file.document.origin
    self.layouts = try LayoutCatalog.sizes(of: file.architecture, inventory, in: file.family)
  }

  private init(
    _ source: String, _ architecture: Architecture, _ inventory: ParameterInventory,
    assumptions: [String]
  ) {
    self.source = source
    self.architecture = architecture
    self.pattern = architecture.pattern
    self.sizes = architecture.layers.indices.map { architecture.sizes(layer: $0) }
    self.parameterCount = inventory.elementCount
    self.tensorCount = inventory.count
    self.cache = CacheLine.all(of: architecture)
    self.assumptions = assumptions
  }

  /// The report as lines for people.
  func lines(width: Int?) -> [String] {
    var texts = LabelledTexts()
    if let layout, let reason { texts.add("layout", "\(layout.name), as \(reason)") }
    if let configuration { texts.add("configuration", configuration) }
    texts.add(ArchitectureText(architecture).texts)
    texts.add("parameters", "\(parameterCount.groupedText) in \(tensorCount.groupedText) tensors")
    if layout == nil {
      texts.add(
        "weights",
        "none were seen; they would take \((2 * parameterCount).byteText) as BF16 or F16, and \((4 * parameterCount).byteText) as F32"
      )
    }
    for (count, layouts) in Dictionary(grouping: layouts, by: \.tensors).sorted(by: { $0.key > $1.key }) {
      texts.add(
        "in files",
        "\(count.groupedText) tensors in the layout \(layouts.map(\.layout).joined(separator: " or "))")
    }
    texts.add("layers in order", LayerPicture.groups(architecture))
    texts.add("", "(\(LayerPicture.legend([architecture])))")
    for line in cache {
      texts.add(
        "cache",
        "\(line.keyValueBytes.byteText) of keys and values and \(line.stateBytes.byteText) of states after \(line.context.groupedText) tokens"
      )
    }
    texts.add("", CacheLine.formula(of: architecture))
    for assumption in assumptions { texts.add("note", assumption) }
    return [source.printable] + texts.lines(width: width)
  }
}

/// The memory that decoding keeps for one sequence of `context` tokens, at 16 bits a value.
struct CacheLine: Encodable {
  let context: Int
  let keyValueBytes: Int
  let stateBytes: Int

  /// How the values are counted, for the kinds of branches that the model has.
  static func formula(of architecture: Architecture) -> String {
    let branches = architecture.layers.compactMap(\.stateSpace)
    var parts = [
      "for each layer with keys of its own and each use of a shared block, prepended meta tokens + min(context, window + 1) times key + value width"
    ]
    if branches.contains(where: { $0.mamba != nil }) {
      parts.append("for each Mamba branch, (conv - 1 + state) * inner")
    }
    if branches.contains(where: { $0.mamba2 != nil }) {
      parts.append(
        "for each Mamba-2 branch, (conv - 1) * (inner + 2 * groups * state) + inner * state")
    }
    return "(2 bytes a value: \(parts.joined(separator: "; ")))"
  }

  static func all(of architecture: Architecture) -> [CacheLine] {
    [1024, 8192, 65536].map { context in
      let size = architecture.cacheSize(context: context)
      return CacheLine(
        context: context, keyValueBytes: 2 * size.keyValues, stateBytes: 2 * size.states)
    }
  }
}
