import HymbaFormat
import HymbaInspection

/// The check of what the values say about how the weights were written.
enum ConventionCheck {
  /// The most findings that are named.
  private static let listed = 3

  /// - Parameter besideNumbers: Whether ``NumberCheck`` tells of tensors that are zero or constant.
  /// - Returns: A failure where the values contradict what the model computes, a warning where they are unusual.
  static func check(_ report: ConventionReport, besideNumbers: Bool) -> Check {
    let groups = report.groups.filter { group in
      group.flag.severity != .note
        && !(besideNumbers && [.zero, .constant].contains(group.flag.kind))
    }
    guard let worst = groups.first else {
      return Check(
        "conventions", passed: true, "the values are where the model expects them")
    }
    let told = groups.prefix(listed).map { "\($0.subject): \($0.flag.message)" }.joined(separator: "; ")
    let more = groups.count - listed
    return Check(
      "conventions", worst.flag.severity == .error ? .failed : .warned,
      told + (more > 0 ? "; and \(more) more" : ""))
  }
}
