package import HymbaFormat

/// An error of a library to which the tools add a remedy, by their options and commands.
package protocol Remedied: Diagnosis {
  /// The description of the error, and what to do about it.
  func sentence(_ words: ToolWords) -> String
}

/// The names of options in the running command.
public struct ToolWords: Sendable {
  /// The option that gives the layout of the source.
  public var layoutOption: String
  /// The option that gives the output.
  public var outputOption: String
  /// The option that gives the base of the source.
  public var baseOption: String

  public init(
    layoutOption: String = "--layout", outputOption: String = "-o", baseOption: String = "--base"
  ) {
    self.layoutOption = layoutOption
    self.outputOption = outputOption
    self.baseOption = baseOption
  }

  /// Runs `body`, and tells its errors in these words.
  ///
  /// - Throws: The errors of `body`, as sentences with these option names.
  public func speaking<Result>(_ body: () throws -> Result) throws -> Result {
    do {
      return try body()
    } catch let error as any Diagnosis {
      throw SpokenDiagnosis(kind: error.kind, description: ToolRun.sentence(error, self))
    }
  }
}

/// An error whose sentence already has the words of a command.
private struct SpokenDiagnosis: Diagnosis {
  let kind: FailureKind
  let description: String
}

extension ToolRun {
  /// An error as a user reads it: the file, what was found, and what to do about it.
  package static func sentence(_ error: any Error, _ words: ToolWords = ToolWords()) -> String {
    switch error {
    case let error as FileDiagnosis:
      "\(error.location.printable): " + sentence(error.cause, words)
    case let error as RemarkedDiagnosis:
      ([sentence(error.cause, words)] + error.remarks).joined(separator: "; note that ")
    case let error as any Remedied: error.sentence(words)
    case let error as any Diagnosis: error.description + (error.advice.map { "; " + $0 } ?? "")
    default: "\(error)"
    }
  }
}
