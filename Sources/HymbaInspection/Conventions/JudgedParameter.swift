import HymbaFormat
import HymbaModel

/// A parameter that was read, with what its judgement needs.
struct JudgedParameter: Sendable {
  let parameter: Parameter
  let role: ParameterRole
  let figures: ParameterFigures
  /// The layer that it belongs to; nil where it belongs to none.
  let layer: Architecture.Layer?

  init(_ parameter: Parameter, _ figures: ParameterFigures, in architecture: Architecture) {
    self.parameter = parameter
    self.role = ParameterRole(parameter)
    self.figures = figures
    self.layer = parameter.layer(in: architecture)
  }

  var name: String { parameter.name }

  func flag(
    _ kind: ValueFlag.Kind, _ severity: Finding.Severity, _ message: String
  ) -> FlaggedParameter { FlaggedParameter(name: name, flag: ValueFlag(kind, severity, message)) }
}

/// A flag with the name of its parameter.
struct FlaggedParameter: Sendable {
  let name: String
  let flag: ValueFlag
}

extension Array {
  /// Whether this holds for at least three quarters of the elements, and for any.
  func mostly(_ holds: (Element) -> Bool) -> Bool {
    !isEmpty && 4 * count(where: holds) >= 3 * count
  }
}

extension Double {
  /// A share as a whole percentage. It is 0 or 100 only where the share is.
  var wholePercent: String {
    let percent = Int((self * 100).rounded())
    return "\(self <= 0 ? 0 : self >= 1 ? 100 : min(99, max(1, percent))) %"
  }
}
