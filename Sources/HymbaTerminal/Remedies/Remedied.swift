package import HymbaFormat

/// An error of a library of which the tools say more: what to do about it, by their options and commands.
package protocol Remedied: Diagnosis {
  /// What was found, and what to do about it.
  func sentence(_ words: ToolWords) -> String
}

/// What the command that is running calls its options.
public struct ToolWords: Sendable {
  /// The option that gives the layout of the source.
  public var layoutOption: String
  /// The option that gives the output.
  public var outputOption: String

  public init(layoutOption: String = "--layout", outputOption: String = "-o") {
    self.layoutOption = layoutOption
    self.outputOption = outputOption
  }

  /// Runs `body`; what it throws is told in these words.
  public func speaking<Result>(_ body: () throws -> Result) throws -> Result {
    do {
      return try body()
    } catch let error as any Diagnosis {
      throw SpokenDiagnosis(kind: error.kind, description: ToolRun.sentence(error, self))
    }
  }
}

/// An error that is told in the words of a command already.
private struct SpokenDiagnosis: Diagnosis {
  let kind: FailureKind
  let description: String
}

extension ToolRun {
  /// An error as a user reads it: the file, what was found and what to do about it.
  package static func sentence(_ error: any Error, _ words: ToolWords = ToolWords()) -> String {
    switch error {
    case let error as FileDiagnosis:
      "\(error.location.printable): " + sentence(error.cause, words)
    case let error as RemarkedDiagnosis:
      ([sentence(error.cause, words)] + error.remarks).joined(separator: "; note that ")
    case let error as any Remedied: error.sentence(words)
    default: "\(error)"
    }
  }
}
