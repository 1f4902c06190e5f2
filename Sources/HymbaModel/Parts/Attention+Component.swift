package import HymbaFormat

extension Architecture.Attention: Component {
  package func addParameters(
    to inventory: inout InventoryBuilder, at place: ComponentPlace
  ) throws(FormatError) {
    let (prefix, part) = (place.prefix, place.part ?? .attention)
    let hasKeys = keyValueLayer == nil
    var shapes: [(Projection, [Int])] = [(.query, [queryWidth, place.inputWidth])]
    if hasKeys {
      shapes.append((.key, [keyWidth, place.inputWidth]))
      shapes.append((.value, [valueWidth, place.inputWidth]))
    }
    if place.hasOutput { shapes.append((.output, [place.hiddenSize, outputWidth])) }
    for (projection, shape) in shapes {
      try inventory.addLinear(
        "\(prefix).\(projection.rawValue)", shape, bias: biases.contains(projection), part)
    }
    if let norm = queryKeyNorm {
      func shape(_ heads: Int) -> [Int] {
        norm == .perHead ? [heads, keyHeadSize] : [keyHeadSize]
      }
      try inventory.add("\(prefix).q_norm.weight", shape(heads), part)
      if hasKeys { try inventory.add("\(prefix).k_norm.weight", shape(keyValueHeads), part) }
    }
    if place.metaKeyCount > 0 {
      try inventory.add("\(prefix).meta_key", [place.metaKeyCount, keyWidth], .metaTokens)
      try inventory.add("\(prefix).meta_value", [place.metaKeyCount, valueWidth], .metaTokens)
    }
  }

  package var sizes: [String: Int] {
    var sizes = [
      "heads": heads, "key_value_heads": keyValueHeads, "key_head_size": keyHeadSize,
      "value_head_size": valueHeadSize, "query": queryWidth, "key": keyWidth, "value": valueWidth,
    ]
    if keyHeadSize.isMultiple(of: 2) { sizes["key_head_pairs"] = keyHeadSize / 2 }
    if queryKeyNorm == .perHead { sizes["normed_heads"] = heads }
    return sizes
  }

  /// The multiplications of queries with keys, and of probabilities with values.
  package var workPerSeenPosition: Int { queryWidth + outputWidth }

  package var activationCount: Int { queryWidth + keyWidth + 2 * valueWidth }

  /// The number of key and value elements that are kept for each position that can still be seen.
  var keyValueCount: Int { keyWidth + valueWidth }

  package var summary: String {
    var text =
      heads == keyValueHeads
      ? "\(heads) heads" : "\(heads) heads on \(keyValueHeads) key/value heads"
    text += " of \(keyHeadSize)"
    if valueHeadSize != keyHeadSize { text += " (values \(valueHeadSize))" }
    if let rotary { text += ", rotary" + (rotary.size.map { " over \($0)" } ?? "") }
    if queryKeyNorm != nil { text += ", q/k norm" }
    // The pass computes with 32 bits, and more digits would only be in the way.
    if let scale { text += ", scale \(Float(scale))" }
    return text
  }

  package func validate(_ path: String) throws(ModelError) {
    try Architecture.require("\(path).heads", heads)
    try Architecture.require("\(path).keyValueHeads", keyValueHeads)
    try Architecture.require("\(path).keyHeadSize", keyHeadSize)
    try Architecture.require("\(path).valueHeadSize", valueHeadSize)
    try Architecture.require("\(path).heads * keyHeadSize", queryWidth)
    try Architecture.require("\(path).heads * valueHeadSize", outputWidth)
    guard heads % keyValueHeads == 0 else {
      throw .option(
        "\(path).heads", found: "\(heads)",
        expected: "a multiple of the \(keyValueHeads) key/value heads")
    }
    if let scale {
      guard scale > 0, scale.isFinite else {
        throw .option("\(path).scale", found: "\(scale)", expected: "a positive number")
      }
    }
    if let window, !(0...Architecture.largestSize).contains(window) {
      throw .option(
        "\(path).window", found: "\(window)",
        expected: "a whole number from 0 to \(Architecture.largestSize)")
    }
    try Architecture.requireFactors([
      ("\(path).keyMultiplier", keyMultiplier), ("\(path).inputMultiplier", inputMultiplier),
      ("\(path).outputMultiplier", outputMultiplier),
    ])
    if keyMultiplier != nil, keyValueLayer != nil {
      throw .option(
        "\(path).keyMultiplier", found: "a factor", expected: "none, as the layer computes no keys")
    }
    if let rotary { try validate(rotary, path) }
  }

  private func validate(_ rotary: Rotary, _ path: String) throws(ModelError) {
    guard rotary.base > 0, rotary.base.isFinite else {
      throw .option("\(path).rotary.base", found: "\(rotary.base)", expected: "a positive number")
    }
    if let length = rotary.dynamicFrom {
      try Architecture.require("\(path).rotary.dynamicFrom", length)
    }
    // The dynamic base has the exponent d / (d - 2), which needs d > 2.
    let isDynamic = rotary.dynamicFrom != nil
    if let size = rotary.size {
      guard size > 0, size < keyHeadSize, size % 2 == 0, !isDynamic || size >= 4 else {
        throw .option(
          "\(path).rotary.size", found: "\(size)",
          expected: "an even number below keyHeadSize, \(keyHeadSize)")
      }
      return
    }
    guard keyHeadSize % 2 == 0, !isDynamic || keyHeadSize >= 4 else {
      throw .option(
        "\(path).keyHeadSize", found: "\(keyHeadSize)",
        expected: "an even number\(isDynamic ? " from 4 on" : ""), for rotary positions")
    }
  }
}
