import CVersion
import HymbaFormat

extension Terminal {
  /// What `--version` prints: `hymba-convert 0.1.0 (commit 1a2b3c4, container 1.2)`. The commit is left out where
  /// the build was not told it.
  package static func versionLine(of tool: String) -> String {
    let details = (commit.map { ["commit \($0)"] } ?? []) + ["container \(Manifest.newestVersion)"]
    return "\(tool) \(version) (\(details.joined(separator: ", ")))"
  }

  /// The revision of the source; nil where the build was not told it.
  package static var commit: String? {
    // The C function returns a literal, which ends in a zero and is never freed.
    let text = unsafe String(cString: hymba_commit())
    return text.isEmpty ? nil : text
  }
}
