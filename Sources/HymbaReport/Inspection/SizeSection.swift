import HymbaFormat
import HymbaInspection
import HymbaModel
import HymbaPlot

/// Where the bytes of a checkpoint are: by part, and by layer.
struct SizeSection {
  private let parameters: [ParameterListing.Line]
  private let parts: [(name: String, lines: [ParameterListing.Line])]

  init(_ listing: ParameterListing) {
    parameters = listing.parameters
    var groups: [String: [ParameterListing.Line]] = [:]
    var order = Parameter.Part.allCases.map(\.rawValue)
    for line in listing.parameters {
      let part = Self.part(of: line, hasParts: listing.parameters.contains { $0.part != nil })
      if groups[part] == nil, !order.contains(part) { order.append(part) }
      groups[part, default: []].append(line)
    }
    parts = order.compactMap { name in groups[name].map { (name, $0) } }
  }

  /// The part of the model. Where nothing is known of the model, the word behind the layer's number, or the first.
  private static func part(of line: ParameterListing.Line, hasParts: Bool) -> String {
    if let part = line.part { return part }
    guard !hasParts else { return "not used by the model" }
    let words = line.name.split(separator: ".")
    guard let layer = LayerMap.layer(line.name), let number = words.firstIndex(of: "\(layer)"),
      number + 1 < words.count
    else { return words.first.map(String.init) ?? line.name }
    return String(words[number + 1])
  }

  var blocks: [Block] {
    let pictures = [byPart, byLayer].compactMap(\.self)
    return (pictures.isEmpty ? [] : [.pictures(pictures)]) + [.table(table)]
  }

  private static func bytes(_ lines: some Sequence<ParameterListing.Line>) -> Int {
    lines.reduce(0) { $0 + $1.bytes }
  }

  /// The totals of each part, as the text of the listing has them.
  private var table: ReportTable {
    let total = max(1, Self.bytes(parameters))
    func row(_ name: String, _ lines: [ParameterListing.Line]) -> [String] {
      let bytes = Self.bytes(lines)
      return [
        name, lines.count.groupedText, lines.reduce(0) { $0 + $1.elements }.groupedText, bytes.byteText,
        (Double(bytes) / Double(total)).percentText(1),
        lines.reduce(0) { $0 + $1.storedBytes }.byteText,
      ]
    }
    return ReportTable(
      "The totals of each part",
      [
        .text("part"), .number("tensors"), .number("parameters"), .number("bytes"), .number("share"),
        .number("stored"),
      ],
      parts.map { row($0.name, $0.lines) } + [row("total", parameters)])
  }

  private var byPart: Picture? {
    guard parts.count > 1 else { return nil }
    let types = Dictionary(grouping: parameters, by: \.dtype).mapValues(Self.bytes)
    let segments = Segments(types.keys.sorted().map { ($0, types[$0] ?? 0) })
    let scale = ByteScale(parts.map { Self.bytes($0.lines) }.max() ?? 0)
    let rows = parts.map { part in
      StackedBars.Row(
        part.name,
        segments.values(Dictionary(grouping: part.lines, by: \.dtype).mapValues(Self.bytes)).map { scale($0) })
    }
    let largest = parts.max { Self.bytes($0.lines) < Self.bytes($1.lines) }
    return Picture(
      StackedBars(
        "Bytes by part", summary: "The largest part is \(largest?.name ?? "none").", rows: "part",
        axis: Axis("size in \(scale.unit)"), segments: segments.names, rows),
      reading: "Sizes before compression; the colours are the element types.")
  }

  /// The most bars that a figure has.
  private static let mostBars = 64

  private var byLayer: Picture? {
    let layers = parameters.compactMap { LayerMap.layer($0.name) }
    guard let last = layers.max(), Set(layers).count > 1 else { return nil }
    let inLayers = parts.map { part in
      (name: part.name, lines: part.lines.filter { LayerMap.layer($0.name) != nil })
    }.filter { !$0.lines.isEmpty }
    let segments = Segments(inLayers.map { ($0.name, Self.bytes($0.lines)) })
    let step = last / Self.mostBars + 1
    var sizes = [[String: Int]](repeating: [:], count: last / step + 1)
    for part in inLayers {
      for line in part.lines {
        sizes[(LayerMap.layer(line.name) ?? 0) / step][part.name, default: 0] += line.bytes
      }
    }
    let scale = ByteScale(sizes.map { $0.values.reduce(0, +) }.max() ?? 0)
    let rows = sizes.enumerated().map { bar, sizes in
      StackedBars.Row(
        step == 1 ? "\(bar)" : "\(bar * step) to \(min(last, bar * step + step - 1))",
        segments.values(sizes).map { scale($0) })
    }
    let outside = Self.bytes(parameters.filter { LayerMap.layer($0.name) == nil })
    let reading =
      "What belongs to no layer, \(outside.byteText) of \(Self.bytes(parameters).byteText), is left out here."
    return Picture(
      StackedBars(
        "Bytes by layer", summary: "\(rows.count) bars, one for each \(step == 1 ? "layer" : "\(step) layers").",
        rows: "layer", axis: Axis("size in \(scale.unit)"), segments: segments.names, rows),
      reading: [reading, segments.note].compactMap(\.self).joined(separator: " "))
  }
}
