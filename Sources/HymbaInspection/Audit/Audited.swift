import HymbaConversion
import HymbaFormat
import HymbaModel

/// Errors as findings.
enum Audited {
  /// The sentence of an error without the path in front, as a finding names its subject itself.
  static func sentence(_ error: any Error) -> String {
    guard let diagnosis = error as? any Diagnosis else { return "\(error)" }
    if let error = diagnosis as? FileDiagnosis { return sentence(error.cause) }
    return diagnosis.description + (diagnosis.advice.map { "; " + $0 } ?? "")
  }

  /// The error itself, without a path in front and remarks behind.
  static func cause(_ error: any Error) -> any Error {
    switch error {
    case let error as FileDiagnosis: cause(error.cause)
    case let error as RemarkedDiagnosis: cause(error.cause)
    default: error
    }
  }

  /// The finding for an error of recognising a checkpoint.
  ///
  /// - Parameters:
  ///   - subject: The name of the checkpoint.
  ///   - family: The title of the known family that the configuration belongs to; nil where there is none.
  ///   - isChosen: Whether the user named the layout.
  static func recognition(
    _ error: any Error, of subject: String, family: String?, isChosen: Bool
  ) -> Finding {
    // An error in a configuration names its file.
    let file = (error as? FileDiagnosis).map { FileSystem.name(of: $0.location) }
    switch cause(error) {
    case let cause as ConversionError:
      switch cause {
      case .configurationNeeded:
        return Finding(
          .configurationMissing, .warning, subject,
          "comes without a configuration, which a model of this family needs: nothing says what its shapes should be"
        )
      case .unrecognised, .wrapped, .otherNetwork, .otherKind, .layoutUnfit:
        let severity: Finding.Severity = isChosen ? .error : family == nil ? .note : .warning
        let place = family.map { "; the configuration beside it is \($0)" } ?? ""
        return Finding(.layout, severity, subject, sentence(error) + place)
      case .disagreement, .option, .configurationUnknown:
        return configuration(file ?? subject, error)
      default: return .unreadable(file ?? subject, error)
      }
    default: return configuration(file ?? subject, error)
    }
  }

  /// The finding for a value that no model can have. Its sentence has a subject of its own: the key or the option.
  static func configuration(_ subject: String, _ error: any Error) -> Finding {
    Finding(.configuration, .error, subject, "cannot be used: \(sentence(error))")
  }
}
