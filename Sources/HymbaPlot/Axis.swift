/// An axis of a plot.
package struct Axis: Sendable {
  /// What the axis measures, with the unit.
  package var label: String
  package var kind: Kind
  package var format: Format
  /// The axis shows at least this range, and more where the values need it.
  package var least: ClosedRange<Double>?
  /// Marks at chosen places instead of round numbers. Those that have no room are left out.
  package var places: [Place]?

  package enum Kind: Sendable {
    case linear, log10
  }

  /// How the axis writes its numbers.
  package enum Format: Sendable {
    case number
    /// The axis has marks at whole numbers alone.
    case integer
    /// A share from 0 to 1 as percent.
    case percent
  }

  /// A place with a text.
  package struct Place: Sendable {
    package var value: Double
    package var text: String

    package init(_ value: Double, _ text: String) {
      self.value = value
      self.text = text
    }
  }

  package init(
    _ label: String, _ kind: Kind = .linear, format: Format = .number,
    least: ClosedRange<Double>? = nil, places: [Place]? = nil
  ) {
    self.label = label
    self.kind = kind
    self.format = format
    self.least = least
    self.places = places
  }

  /// The number as the axis writes it.
  func text(_ number: DecimalNumber) -> String {
    guard format == .percent else { return number.text }
    return DecimalNumber(digits: number.digits, exponent: number.exponent + 2).text + " %"
  }

  /// The number as a tooltip writes it.
  func text(_ value: Double) -> String {
    value.isFinite ? text(DecimalNumber(value)) : value.plotText
  }
}
