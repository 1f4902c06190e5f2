public import HymbaConversion
import HymbaFormat

extension OpenedModel {
  /// Prints what was assumed, beside the result.
  public func showWarnings(quiet: Bool) {
    guard !quiet else { return }
    for assumption in assumptions {
      Terminal.note("warning: \(location.printable): \(assumption.printable)")
    }
  }
}
