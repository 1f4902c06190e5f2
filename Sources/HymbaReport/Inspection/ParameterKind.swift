import HymbaFormat
import HymbaInspection

/// The parameters of all layers whose names differ in numbers alone.
struct ParameterKind {
  /// The name behind the layer's number.
  let name: String
  /// The parameters in the order of their layers. A layer may have several, such as those of its experts.
  let lines: [(layer: Int, line: ParameterListing.Line, statistics: TensorStatistics)]

  /// The kinds that occur in several layers, in the order of the listing.
  static func kinds(_ parameters: [ParameterListing.Line]) -> [ParameterKind] {
    var order: [String] = []
    var groups: [String: [(layer: Int, line: ParameterListing.Line, statistics: TensorStatistics)]] = [:]
    for line in parameters {
      guard let layer = LayerMap.layer(line.name), let statistics = line.statistics?.wrappedValue else {
        continue
      }
      let pattern = FoldedNames.pattern(line.name)
      if groups[pattern] == nil { order.append(pattern) }
      groups[pattern, default: []].append((layer, line, statistics))
    }
    return order.compactMap { pattern in
      guard let lines = groups[pattern], Set(lines.map(\.layer)).count > 1 else { return nil }
      return ParameterKind(name: shortened(pattern), lines: lines.sorted { $0.layer < $1.layer })
    }
  }

  private static func shortened(_ pattern: String) -> String {
    guard let number = pattern.firstRange(of: ".*.") else { return pattern }
    return String(pattern[number.upperBound...])
  }

  var layers: [Int] { Set(lines.map(\.layer)).sorted() }

  var flags: [ValueFlag] {
    lines.flatMap { $0.line.flags ?? [] }.reduce(into: []) { flags, flag in
      if !flags.contains(flag) { flags.append(flag) }
    }
  }

  /// How many times wider or narrower than usual the values of a layer are where they stand out.
  private static let unusual = 3.0
  /// The number of standard deviations beyond which a value stands out.
  private static let far = 20.0
  /// The fewest values whose deviation says something.
  private static let fewestValues = 256

  /// Something that catches the eye. It need not be a mistake.
  struct StandOut {
    let layers: [Int]
    /// A sentence without a stop, as what follows “layers 3, 7: ”.
    let text: String

    /// Such as `layer 3` or `layers 3, 7`.
    var place: String { "layer\(layers.count == 1 ? "" : "s") \(NumberRanges(layers).words)" }
  }

  /// What is unlike the other layers, or far from the other values.
  var standOuts: [StandOut] {
    var found: [StandOut] = []
    let lines = self.lines.filter { $0.statistics.count >= Self.fewestValues }
    let deviations = lines.compactMap { line in line.statistics.std.map { (layer: line.layer, std: $0) } }
    let usual = deviations.map(\.std).sorted()
    if layers.count > 3, !usual.isEmpty, case let middle = usual[usual.count / 2], middle > 0 {
      let others = deviations.filter { $0.std > middle * Self.unusual || $0.std < middle / Self.unusual }
      if !others.isEmpty {
        found.append(
          StandOut(
            layers: Set(others.map(\.layer)).sorted(),
            text:
              "the standard deviation is \(Self.range(others.map(\.std))), where the median of all is \(middle.shortText)"
          ))
      }
    }
    let far = lines.compactMap { line -> (layer: Int, distance: Double)? in
      guard let distance = line.statistics.reach, distance > Self.far else { return nil }
      return (line.layer, distance)
    }
    if !far.isEmpty {
      found.append(
        StandOut(
          layers: Set(far.map(\.layer)).sorted(),
          text: "a value is \(Self.range(far.map { $0.distance.rounded() })) standard deviations from the mean"))
    }
    return found
  }

  private static func range(_ values: [Double]) -> String {
    let (low, high) = ((values.min() ?? 0).shortText, (values.max() ?? 0).shortText)
    return low == high ? low : "\(low) to \(high)"
  }
}

extension TensorStatistics {
  /// The distance of the farthest value from the mean, in standard deviations; nil where there is none.
  var reach: Double? {
    guard let mean, let std, let min, let max, std > 0 else { return nil }
    return Swift.max(max - mean, mean - min) / std
  }
}
