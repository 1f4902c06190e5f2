package import ArgumentParser
package import HymbaFormat

extension FailureKind {
  /// What a tool exits with that fails so.
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
  package init(_ kind: FailureKind) { self.init(kind.exitCode) }
}
