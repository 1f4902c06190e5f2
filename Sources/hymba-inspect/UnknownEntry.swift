import HymbaFormat
import HymbaTerminal

/// The line about an entry of a container that a later version added.
enum UnknownEntry {
  static func line(_ name: String) -> String {
    "\(name.printable) is of a later version, and nothing is known of it here"
  }
}
