import HymbaFormat
import HymbaModel
import HymbaReport
import HymbaTerminal

extension ParameterListing {
  func lines(width: Int?) -> [String] {
    var table = Table([
      ("parameter", .left), ("type", .left), ("shape", .left), ("bytes", .right),
      ("stored", .right),
    ])
    for line in parameters {
      table.add([
        line.name.printable, line.shownType, "\(line.shape)", line.bytes.byteText,
        line.storedBytes.byteText,
      ])
      // A fused tensor of one name may hold what another name would be looked for.
      for part in line.becomes ?? [] where line.becomes?.count ?? 0 > 1 {
        table.add(["  has \(part.name)", "", "\(part.shape)", "", ""])
      }
    }
    return table.lines(width: width) + [""] + totals(width: width)
  }

  /// The totals of each part of the model, then of all tensors.
  private func totals(width: Int?) -> [String] {
    var table = Table([
      ("part", .left), ("tensors", .right), ("parameters", .right), ("bytes", .right),
      ("stored", .right),
    ])
    func add(_ title: String, _ lines: [Line]) {
      table.add([
        title, "\(lines.count)", lines.reduce(0) { $0 + $1.elements }.groupedText,
        lines.reduce(0) { $0 + $1.bytes }.byteText,
        lines.reduce(0) { $0 + $1.storedBytes }.byteText,
      ])
    }
    for part in Parameter.Part.allCases {
      let lines = parameters.filter { $0.part == part.rawValue }
      if !lines.isEmpty { add(part.rawValue, lines) }
    }
    let others = parameters.filter { $0.part == nil }
    if !others.isEmpty && others.count < parameters.count { add("not used by the model", others) }
    add("total", parameters)
    guard let fingerprint, let fingerprintBasis else { return table.lines(width: width) }
    return table.lines(width: width) + [""] + fingerprintBasis.lines(fingerprint)
  }
}
