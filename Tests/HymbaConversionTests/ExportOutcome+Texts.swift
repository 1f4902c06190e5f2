@testable import HymbaConversion

extension ExportOutcome {
  /// The ``notes`` as a program shows them that has no options of its own.
  var texts: [String] { notes.map(\.description) }
}
