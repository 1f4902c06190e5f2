import HymbaFormat
import HymbaModel

extension OptionTable {
  /// The options of rotary position embeddings. Version 4 of transformers has the base in `rope_theta`,
  /// version 5 in `rope_parameters`, and both read the former.
  ///
  /// - Parameter theta: The default of `rope_theta`.
  static func rotary(theta: Double, extending base: OptionTable) -> OptionTable {
    OptionTable(
      [
        .number("rope_theta", theta, gives: "attention.rotary.base") { model in
          (model.attention ?? model.sharedAttention)?.rotary?.base
        },
        .own("rope_parameters"), .own("rope_scaling"),
      ], extending: base)
  }
}

extension OptionValues {
  /// The base of the rotary position embedding: `rope_theta` within `rope_parameters`, or else `rope_theta`
  /// itself.
  ///
  /// - Parameter part: The part of each head that the original rotates.
  /// - Throws: ``ConversionError/option(_:found:expected:)`` for options of another embedding than the plain one.
  func rotaryBase(part: Double = 1) throws(ConversionError) -> Double {
    _ = try rotaryBase(within: "rope_scaling", part: part)
    if let base = try rotaryBase(within: "rope_parameters", part: part) { return base }
    return try number("rope_theta")
  }

  /// The base in an object of options; nil where the object is absent, or has none.
  private func rotaryBase(within name: String, part: Double) throws(ConversionError) -> Double? {
    guard let value = self[name], value != .null else { return nil }
    guard case .object(let members) = value else {
      throw .option(name, found: value.summary, expected: "an object")
    }
    for (key, value) in members.sorted(by: { $0.key < $1.key }) where value != .null {
      let expected: String
      switch key {
      case "rope_theta":
        if value.double != nil { continue }
        expected = "a number"
      case "rope_type", "type":
        if value == .string("default") { continue }
        expected = "“default”: positions that are scaled in another way are not computed here"
      case "partial_rotary_factor":
        if value.double == part { continue }
        expected = "\(part): the original rotates no other part of each head"
      default:
        expected = "nothing: this option is not computed here"
      }
      throw .option("\(key.printable) in \(name)", found: value.summary, expected: expected)
    }
    return members["rope_theta"]?.double
  }
}
