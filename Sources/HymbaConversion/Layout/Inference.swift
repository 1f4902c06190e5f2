import HymbaFormat

extension Layout {
  /// The options that the shapes of the tensors tell, by name. For each option, the first inference that
  /// applies counts.
  /// - Throws: ``ConversionError/layoutInvalid(_:)`` for a name that is no pattern.
  func inferredOptions(
    _ variant: NameVariant, _ tensors: TensorTable
  ) throws(ConversionError) -> [String: Inferred] {
    var options: [String: Inferred] = [:]
    for (name, rules) in infer ?? [:] {
      for rule in rules {
        guard let inferred = try rule.value(variant, tensors) else { continue }
        options[name] = inferred
        break
      }
    }
    return options
  }
}

/// A size that was read off tensors, with a clause that says how.
struct Inferred: Hashable, Sendable {
  let value: Int
  let evidence: String
}

extension Layout.Inference {
  fileprivate func value(
    _ variant: NameVariant, _ tensors: TensorTable
  ) throws(ConversionError) -> Inferred? {
    if let count {
      let pattern = try NamePattern(count)
      var layers = 0
      while let name = pattern.expanded(["layer": layers]), tensors[variant.external(name)] != nil {
        layers += 1
      }
      guard layers > 0 else { return nil }
      return Inferred(value: layers, evidence: "there are \(layers) tensors \(count)")
    }
    guard let tensor, let descriptor = tensors[variant.external(tensor)] else { return nil }
    let dimensions = descriptor.shape.dimensions
    guard let axis, dimensions.indices.contains(axis) else { return nil }
    return Inferred(
      value: dimensions[axis] / max(1, divide ?? 1),
      evidence: "\(tensor) has the shape \(descriptor.shape)")
  }
}
