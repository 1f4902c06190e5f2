package import HymbaConversion
import HymbaFormat

extension OpenedModel {
  /// Prints ``warnings`` to standard error.
  package func showWarnings(quiet: Bool) { Terminal.warn(warnings, of: location, quiet: quiet) }
}

extension OpenedModel {
  /// An assumption as a sentence. One that a configuration could settle also says how to give it.
  package static func sentence(assumption: String) -> String {
    isOpenAssumption(assumption) ? assumption + "; pass --config if it is not" : assumption
  }
}

extension Terminal {
  /// Prints warnings about a file to standard error, one line for each. What is only a fact is a note.
  package static func warn(_ notes: [String], of location: String, quiet: Bool) {
    guard !quiet else { return }
    for line in notes {
      let kind = OpenedModel.isFact(line) ? "note" : "warning"
      note("\(kind): \(location.printable): \(OpenedModel.sentence(assumption: line).printable)")
    }
  }
}
