package import ArgumentParser
package import HymbaFormat

extension FailureKind {
  /// The exit code of a tool that fails in this way.
  package var exitCode: Int32 {
    switch self {
    case .wrong: 1
    case .usage: 64
    case .unreadable: 65
    case .noInput: 66
    case .outputExists: 73
    case .inputOutput: 74
    case .interrupted: 130
    }
  }
}

extension ExitCode {
  /// The exit code of a kind of failure.
  package init(_ kind: FailureKind) { self.init(kind.exitCode) }
}
