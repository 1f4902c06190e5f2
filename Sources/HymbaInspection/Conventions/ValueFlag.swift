/// What the values of a parameter say about how it was written.
package struct ValueFlag: Hashable, Sendable, Encodable {
  /// What is said. `docs/conventions.md` explains each kind.
  package enum Kind: String, Sendable, Encodable, CaseIterable {
    /// Norm weights that are not centred where the model expects them.
    case normCentre
    /// Logarithms of decay rates with the wrong sign.
    case decaySign
    /// Decay rates in place of their logarithms.
    case decayStored
    /// Biases of the time step after the softplus in place of those before it.
    case timeStepBias
    /// Taps of a convolution in another order, or beside the channels instead of within them.
    case convolution
    /// Factors of the configuration that are in the weights as well.
    case multipliers
    /// A parameter, or most of it, is zero.
    case zero
    /// All values of a weight are equal.
    case constant
    /// Rows that repeat others.
    case repeatedRows
    /// Zeros from somewhere to the end.
    case zeroTail
    /// Values of a narrower type in a wider one.
    case storedWide
    /// Values that a library gives a new model.
    case fresh
  }

  package let kind: Kind
  package let severity: Finding.Severity
  /// One sentence without a stop: what is seen, with the figure that shows it, and what it may mean.
  package let message: String

  init(_ kind: Kind, _ severity: Finding.Severity, _ message: String) {
    self.kind = kind
    self.severity = severity
    self.message = message
  }
}
