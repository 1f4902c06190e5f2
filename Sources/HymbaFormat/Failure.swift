/// The kind of a failure.
public enum FailureKind: Sendable, CaseIterable {
  /// The file can be read but is wrong: a check, a digest, the inventory or a comparison failed.
  case wrong
  /// The user asked for something that cannot be done.
  case usage
  /// The header, manifest or configuration cannot be read, or the file is no checkpoint.
  case unreadable
  case noInput
  case outputExists
  case inputOutput
  case interrupted
}

/// An error that knows its kind of failure. Its description says what was found, in one sentence that does not
/// depend on the program that shows it.
public protocol Diagnosis: Error, CustomStringConvertible, Sendable {
  var kind: FailureKind { get }
  /// What the user can do about the failure; nil when there is no advice. It is shown when a command ends with
  /// this error.
  var advice: String? { get }
}

extension Diagnosis {
  public var advice: String? { nil }
}

/// An error together with the file that it concerns.
public struct FileDiagnosis: Diagnosis {
  public let location: String
  public let cause: any Diagnosis

  public init(_ location: String, _ cause: any Diagnosis) {
    self.location = location
    self.cause = cause
  }

  public var kind: FailureKind { cause.kind }
  public var description: String {
    "\(location.printable): \(cause)" + (cause.advice.map { "; " + $0 } ?? "")
  }
}

/// An error together with remarks that may explain it: which of two sets of weights was taken, or that a value
/// was given twice.
package struct RemarkedDiagnosis: Diagnosis {
  package let cause: any Diagnosis
  /// The remarks, a sentence each.
  package let remarks: [String]

  init(_ cause: any Diagnosis, _ remarks: [String]) {
    guard let remarked = cause as? RemarkedDiagnosis else {
      self.cause = cause
      self.remarks = remarks
      return
    }
    self.cause = remarked.cause
    self.remarks = remarked.remarks + remarks.filter { !remarked.remarks.contains($0) }
  }

  package var kind: FailureKind { cause.kind }
  package var advice: String? { cause.advice }
  package var description: String {
    ([cause.description] + remarks).joined(separator: "; note that ")
  }
}

/// Runs `body` and puts `location` in front of what it throws, unless the error names a file already.
package func naming<Result>(_ location: String, _ body: () throws -> Result) throws -> Result {
  do {
    return try body()
  } catch let error as FileDiagnosis {
    throw error
  } catch let error as any Diagnosis {
    throw FileDiagnosis(location, error)
  }
}

/// Runs `body` and adds `remarks` to what it throws, so that a failure does not hide them.
package func noting<Result>(_ remarks: [String], _ body: () throws -> Result) throws -> Result {
  do {
    return try body()
  } catch let error as FileDiagnosis where !remarks.isEmpty {
    throw FileDiagnosis(error.location, RemarkedDiagnosis(error.cause, remarks))
  } catch let error as any Diagnosis where !remarks.isEmpty {
    throw RemarkedDiagnosis(error, remarks)
  }
}
