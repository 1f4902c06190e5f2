package import HymbaConversion
import HymbaFormat

extension OpenedModel {
  /// Prints ``warnings``, beside the result.
  package func showWarnings(quiet: Bool) { Terminal.warn(warnings, of: location, quiet: quiet) }
}

extension OpenedModel {
  /// What was assumed, and what to do about it.
  package static func sentence(assumption: String) -> String {
    isOpenAssumption(assumption) ? assumption + "; pass --config if it is not" : assumption
  }
}

extension Terminal {
  /// Prints what is to be known of a file, a line for each sentence.
  package static func warn(_ notes: [String], of location: String, quiet: Bool) {
    guard !quiet else { return }
    for line in notes {
      note("warning: \(location.printable): \(OpenedModel.sentence(assumption: line).printable)")
    }
  }
}
