/// A number that is encoded as null where JSON cannot express it: NaN and infinity.
@propertyWrapper
package struct FiniteOrNull: Hashable, Sendable, Encodable {
  package var wrappedValue: Double

  package init(wrappedValue: Double) { self.wrappedValue = wrappedValue }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(wrappedValue.isFinite ? wrappedValue : nil)
  }
}
