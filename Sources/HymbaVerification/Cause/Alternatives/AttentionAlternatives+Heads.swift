import HymbaModel

extension AttentionAlternatives {
  /// The other numbers of heads into which the same widths can be cut.
  var headCounts: [Alternative] {
    guard shape.keyValueLayer == nil else { return [] }
    let widest = min(shape.queryWidth / 2, 256)
    return (1...max(1, widest)).compactMap { heads in
      let (size, rest) = shape.queryWidth.quotientAndRemainder(dividingBy: heads)
      guard heads != shape.heads, rest == 0, shape.keyWidth % size == 0,
        shape.outputWidth % heads == 0
      else { return nil }
      let (groups, valueSize) = (shape.keyWidth / size, shape.outputWidth / heads)
      guard heads % groups == 0, groups * valueSize == shape.valueWidth else { return nil }
      return changed(.headOrder, "num_attention_heads", is: "\(heads)") {
        $0.heads = heads
        $0.keyValueHeads = groups
        $0.keyHeadSize = size
        $0.valueHeadSize = valueSize
      }
    }
  }

  var headOrders: [Alternative] {
    let (heads, groups) = (shape.heads, shape.keyValueHeads)
    guard groups > 1, groups < heads else { return [] }
    var found: [Alternative] = []
    if shape.keyValueLayer == nil, !hasMetaKeys {
      func tiled(_ size: Int) -> @Sendable (Tensor) -> Tensor? {
        let rows = (0..<heads).flatMap { Array(0..<size).shifted(by: $0 % groups * size) }
        return { $0.rows(in: rows) }
      }
      var change = projection("k_proj", tiled(shape.keyHeadSize))
      change.merge(projection("v_proj", tiled(shape.valueHeadSize))) { first, _ in first }
      if shape.queryKeyNorm == .perHead { change["\(prefix).k_norm.weight"] = tiled(1) }
      if let adapters {
        change["\(adapters).k_proj.up.weight"] = tiled(shape.keyHeadSize)
        change["\(adapters).v_proj.up.weight"] = tiled(shape.valueHeadSize)
      }
      var alternative = changed(
        .headOrder,
        "query head h reads key and value head h mod \(groups), not h / \(heads / groups)"
      ) { $0.keyValueHeads = heads }
      alternative.change = change
      found.append(alternative)
    }
    let interleaved = (0..<heads).map { $0 % (heads / groups) * groups + $0 / (heads / groups) }
    for (order, text) in [
      (interleaved, "interleaved over the key and value heads"),
      (interleaved.inverse, "in blocks over the key and value heads"),
    ].unique(by: { $0.0 }) {
      func rows(_ size: Int) -> [Int] {
        order.flatMap { Array(0..<size).shifted(by: $0 * size) }
      }
      let (queries, values) = (rows(shape.keyHeadSize), rows(shape.valueHeadSize))
      let ofQuery = projection("q_proj") { $0.rows(in: queries) }
      found.append(Alternative(.headOrder, "the heads of q_proj are \(text)", changing: ofQuery))
      guard hasOutput else { continue }
      let name = "\(prefix).o_proj.weight"
      found.append(
        Alternative(
          .headOrder, "the heads of o_proj are \(text)",
          changing: [name: { $0.columns(in: values) }]))
    }
    return found
  }

  var norms: [Alternative] {
    guard shape.queryKeyNorm != nil else { return [] }
    return [changed(.norm, "queries and keys go without norms") { $0.queryKeyNorm = nil }]
  }
}
