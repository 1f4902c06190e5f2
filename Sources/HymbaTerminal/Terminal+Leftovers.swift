import HymbaFormat

extension Terminal {
  /// Names the unfinished files that earlier, killed runs left beside an output, and that were removed when this run
  /// began to write it.
  package static func noteLeftovers(of output: String, quiet: Bool) {
    let left = Leftovers.takeRemoved(for: output).map(\.printable)
    guard !quiet, !left.isEmpty else { return }
    note(
      "note: \(output.printable): removed what a run that was killed left: \(left.joined(separator: ", "))")
  }
}
