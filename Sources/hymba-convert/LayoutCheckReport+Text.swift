import HymbaFormat
import HymbaTerminal

extension LayoutCheckReport {
  /// - Parameter quiet: Whether only the verdict is told.
  func lines(width: Int?, quiet: Bool) -> [String] {
    let layoutLine =
      "\(file.printable): the layout \(layout.name.printable) is valid, \(String.counted(layout.rules, "rule"))"
    guard let checkpoint else { return [layoutLine] }
    guard !quiet else { return [verdict(checkpoint)] }
    return [layoutLine] + checkpoint.lines(width: width) + ["", verdict(checkpoint)]
  }

  private func verdict(_ checkpoint: Checkpoint) -> String {
    if checkpoint.passed { return "passed" }
    return checkpoint.roundTrip == nil
      ? "failed: the checkpoint cannot be converted with this layout"
      : "failed: the checkpoint does not come back as it was"
  }
}

extension LayoutCheckReport.Checkpoint {
  /// The number of names of one kind that the text shows. JSON has all of them.
  private static let shownNames = 6

  fileprivate func lines(width: Int?) -> [String] {
    var lines = [source.printable]
    func add(_ label: String, _ text: String) {
      lines += text.wrapped(label: "  " + label.padded(16), width: width)
    }
    /// Adds a line for each name or sentence, and none for an empty list.
    func list(_ label: String, _ names: [String]) {
      for (index, name) in names.prefix(Self.shownNames).enumerated() {
        add(index == 0 ? label : "", name.printable)
      }
      if names.count > Self.shownNames { add("", "and \(names.count - Self.shownNames) more") }
    }
    add("recognised", reason)
    list("variant", variant.map { [$0] } ?? [])
    add("architecture", configuration?.printable ?? "read off the tensors' shapes")
    list("assumed", assumptions)
    add(
      "tensors",
      "\(tensors.total): \(tensors.used) used, \(tensors.carried.count) carried, \(tensors.unused.count) unused"
    )
    add(
      "parameters",
      "\(parameters.total): \(parameters.filled) filled, \(parameters.missing.count) missing")
    add(
      "moves",
      "\(steps.renamed) renamed, \(steps.transformed) transposed or reshaped, \(steps.joined) joined, \(steps.split) split"
    )
    list("carried", tensors.carried)
    list("unused", tensors.unused)
    list("absent", tensors.absent)
    list("missing", parameters.missing)
    list("does not fit", mismatched)
    list("used twice", repeated)
    list("disagreement", disagreement.map { [$0] } ?? [])
    list("maps nothing", idleRules)
    if let roundTrip {
      list("there and back", roundTrip.differences)
      if roundTrip.differences.isEmpty {
        add(
          "there and back",
          "\(String.counted(roundTrip.tensors, "tensor")), \(roundTrip.bytes.byteText), bit for bit"
        )
      }
    }
    return lines
  }
}
