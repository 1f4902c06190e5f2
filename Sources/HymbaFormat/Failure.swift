/// What kind of failure an error is.
public enum FailureKind: Sendable, CaseIterable {
  /// Readable but wrong: a check, a digest, the inventory, a comparison.
  case wrong
  /// Something was asked for that cannot be done.
  case usage
  /// The header, manifest or configuration cannot be read, or the file is no checkpoint.
  case unreadable
  case noInput
  case outputExists
  case inputOutput
  case interrupted
}

/// An error that knows what kind of failure it is and says what was found in one sentence, in words that do not
/// depend on the program that shows it.
public protocol Diagnosis: Error, CustomStringConvertible, Sendable {
  var kind: FailureKind { get }
  /// What to do about it, where a command that ends with it should say more than was found; nil for nothing.
  var advice: String? { get }
}

extension Diagnosis {
  public var advice: String? { nil }
}

/// An error with the file it concerns in front.
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

/// An error with what was found before it and may explain it: which of two sets of weights was taken, a value that
/// was given twice.
package struct RemarkedDiagnosis: Diagnosis {
  package let cause: any Diagnosis
  /// Each a sentence.
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

/// Runs `body` and puts `location` in front of what it throws, unless a file is named already.
package func naming<Result>(_ location: String, _ body: () throws -> Result) throws -> Result {
  do {
    return try body()
  } catch let error as FileDiagnosis {
    throw error
  } catch let error as any Diagnosis {
    throw FileDiagnosis(location, error)
  }
}

/// Runs `body` and puts `remarks` behind what it throws, so that a failure does not hide them.
package func noting<Result>(_ remarks: [String], _ body: () throws -> Result) throws -> Result {
  do {
    return try body()
  } catch let error as FileDiagnosis where !remarks.isEmpty {
    throw FileDiagnosis(error.location, RemarkedDiagnosis(error.cause, remarks))
  } catch let error as any Diagnosis where !remarks.isEmpty {
    throw RemarkedDiagnosis(error, remarks)
  }
}
