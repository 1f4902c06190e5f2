/// What kind of failure an error is; the tools exit with its raw value.
public enum FailureKind: Int32, Sendable {
  /// Readable but wrong: a check, a digest, the inventory, a comparison.
  case wrong = 1
  case usage = 64
  /// The header, manifest or configuration cannot be read, or the file is no checkpoint.
  case unreadable = 65
  case noInput = 66
  case outputExists = 73
  case inputOutput = 74
  case interrupted = 130
}

/// An error that knows what kind of failure it is and says so in one sentence.
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
public struct RemarkedDiagnosis: Diagnosis {
  public let cause: any Diagnosis
  /// Each a sentence.
  public let remarks: [String]

  init(_ cause: any Diagnosis, _ remarks: [String]) {
    guard let remarked = cause as? RemarkedDiagnosis else {
      self.cause = cause
      self.remarks = remarks
      return
    }
    self.cause = remarked.cause
    self.remarks = remarked.remarks + remarks.filter { !remarked.remarks.contains($0) }
  }

  public var kind: FailureKind { cause.kind }
  public var advice: String? { cause.advice }
  public var description: String {
    ([cause.description] + remarks).joined(separator: "; note that ")
  }
}

/// Runs `body` and puts `location` in front of what it throws, unless a file is named already.
public func naming<Result>(_ location: String, _ body: () throws -> Result) throws -> Result {
  do {
    return try body()
  } catch let error as FileDiagnosis {
    throw error
  } catch let error as any Diagnosis {
    throw FileDiagnosis(location, error)
  }
}

/// Runs `body` and puts `remarks` behind what it throws, so that a failure does not hide them.
public func noting<Result>(_ remarks: [String], _ body: () throws -> Result) throws -> Result {
  do {
    return try body()
  } catch let error as FileDiagnosis where !remarks.isEmpty {
    throw FileDiagnosis(error.location, RemarkedDiagnosis(error.cause, remarks))
  } catch let error as any Diagnosis where !remarks.isEmpty {
    throw RemarkedDiagnosis(error, remarks)
  }
}
