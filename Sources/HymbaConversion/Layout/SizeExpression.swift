import HymbaFormat

/// A size in a layout: a number, or a sum of products of numbers and named sizes of the architecture. Examples:
/// `rank`, `2*state`, `rank+2*state`.
public struct SizeExpression: Hashable, Sendable {
  private enum Factor: Hashable { case number(Int), name(String) }

  public let text: String
  private let terms: [[Factor]]

  /// - Throws: ``ConversionError/layoutInvalid(_:)`` for a text that is no sum of products.
  public init(_ text: String) throws(ConversionError) {
    var terms: [[Factor]] = []
    for term in text.split(separator: "+", omittingEmptySubsequences: false) {
      var factors: [Factor] = []
      for factor in term.split(separator: "*", omittingEmptySubsequences: false) {
        if let number = Int(factor), number >= 0 {
          factors.append(.number(number))
        } else if !factor.isEmpty, factor.allSatisfy({ $0.isASCII && ($0.isLetter || $0 == "_") }) {
          factors.append(.name(String(factor)))
        } else {
          throw .layoutInvalid("the size “\(text.printable)” is not a sum of products of sizes")
        }
      }
      terms.append(factors)
    }
    self.text = text
    self.terms = terms
  }

  /// The names of sizes in the expression, in order.
  var names: [String] {
    terms.joined().compactMap { if case .name(let name) = $0 { name } else { nil } }
  }

  /// The value of the expression.
  /// - Parameter sizes: The sizes of the architecture by name.
  /// - Throws: ``ConversionError/layoutInvalid(_:)`` for a name that is not in `sizes`, and for a result above
  ///   ``Limits/layoutSize``.
  func value(_ sizes: [String: Int]) throws(ConversionError) -> Int {
    var sum = 0
    for term in terms {
      var product = 1
      for factor in term {
        let value: Int
        switch factor {
        case .number(let number): value = number
        case .name(let name):
          guard let size = sizes[name] else {
            throw .layoutInvalid("the architecture has no size “\(name)” here")
          }
          value = size
        }
        let (next, overflow) = product.multipliedReportingOverflow(by: value)
        guard !overflow, next <= Limits.layoutSize else { throw tooLarge }
        product = next
      }
      let (next, overflow) = sum.addingReportingOverflow(product)
      guard !overflow, next <= Limits.layoutSize else { throw tooLarge }
      sum = next
    }
    return sum
  }

  private var tooLarge: ConversionError {
    .layoutInvalid("the size “\(text.printable)” is too large")
  }
}

extension SizeExpression: Codable {
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    let text =
      try (try? container.decode(Int.self)).map(String.init) ?? container.decode(String.self)
    do throws(ConversionError) {
      try self.init(text)
    } catch {
      // An error of decoding knows the place in the document.
      throw DecodingError.dataCorruptedError(
        in: container,
        debugDescription: "the size “\(text.printable)” is not a sum of products of sizes")
    }
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    if let number = Int(text) { try container.encode(number) } else { try container.encode(text) }
  }
}
