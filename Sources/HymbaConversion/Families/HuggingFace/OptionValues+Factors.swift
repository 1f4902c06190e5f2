import HymbaFormat
import HymbaModel

extension OptionValues {
  /// A factor; nil for 1, which changes nothing.
  /// - Throws: ``ConversionError/option(_:found:expected:)`` for a value that is no number.
  func factor(_ name: String) throws(ConversionError) -> Double? {
    let value = try number(name)
    return value == 1 ? nil : value
  }

  /// A list of factors, each nil for 1; all nil where the list is absent or null.
  /// - Throws: ``ConversionError/option(_:found:expected:)`` for a value that is no list of `count` numbers.
  func factors(_ name: String, count: Int) throws(ConversionError) -> [Double?] {
    guard let elements = try list(name) else { return Array(repeating: nil, count: count) }
    let numbers = elements.compactMap(\.double)
    guard numbers.count == count, elements.count == count else {
      throw .option(
        name, found: "a list of \(elements.count)", expected: "a list of \(count) numbers")
    }
    return numbers.map { $0 == 1 ? nil : $0 }
  }

  /// A note that factors are not in the document, for models that were all released with other factors than the
  /// class has by default.
  static func note(factors: String, absentFrom origin: String, of maker: String) -> String {
    "\(origin) leaves out \(factors), and 1.0 stands for what is left out: that is the default of the original's class, but not what \(maker) released, so the sizes of the model are right and its results are not"
  }
}

extension Array<Double?> {
  /// The factors as an option; nil where all are 1.
  var factors: [Double]? { allSatisfy { $0 == nil } ? nil : map { $0 ?? 1 } }
}
