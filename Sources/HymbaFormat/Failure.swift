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
  public var description: String { "\(location.printable): \(cause)" }
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
