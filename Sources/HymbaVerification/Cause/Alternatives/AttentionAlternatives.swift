import HymbaModel

/// What may be meant otherwise in the attention that a layer applies.
struct AttentionAlternatives {
  let shape: Architecture.Attention
  /// The beginning of the names of its parameters.
  let prefix: String
  /// The beginning of the names of what the layer adds to a shared block's projections; nil for none.
  let adapters: String?
  let hiddenSize: Int
  /// The attention of the other layers.
  let others: [Architecture.Attention]
  /// Whether learned keys and values stand in front of each layer's own.
  let hasMetaKeys: Bool
  /// Whether the attention projects its own result.
  let hasOutput: Bool

  typealias Change = @Sendable (inout Architecture.Attention) -> Void

  var all: [Alternative] {
    rotary + pairs + windows + scales + multipliers + headCounts + headOrders + norms
  }

  private func changed(
    _ kind: Cause.Kind, _ option: String, is value: String, _ change: @escaping Change
  ) -> Alternative {
    Alternative(kind, option, is: value) { draft in
      guard var attention = draft.attention else { return }
      change(&attention)
      draft.attention = attention
    }
  }

  private func changed(_ kind: Cause.Kind, _ text: String, _ change: @escaping Change) -> Alternative {
    Alternative(kind, text) { draft in
      guard var attention = draft.attention else { return }
      change(&attention)
      draft.attention = attention
    }
  }

  // MARK: Positions

  /// The bases of released models.
  private static let bases = [1e4, 5e4, 1e5, 2.5e5, 5e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11]

  private var rotary: [Alternative] {
    let now = shape.rotary
    var found: [Alternative] = []
    let bases = Self.bases + others.compactMap { $0.rotary?.base }
    for base in bases.unique where base != now?.base && shape.keyHeadSize % 2 == 0 {
      // Without a rotary embedding only the most common bases are likely.
      if now == nil, base != 1e4, !others.contains(where: { $0.rotary?.base == base }) { continue }
      found.append(
        changed(.rotary, "rope_theta", is: base.optionText) {
          $0.rotary = Architecture.Attention.Rotary(
            base: base, dynamicFrom: now?.dynamicFrom, size: now?.size)
        })
    }
    guard let now else { return found }
    // NTK-aware scaling gives a base that no configuration names.
    for factor in [2.0, 4, 8, 16] where shape.keyHeadSize > 2 {
      let scaled = Architecture.Attention.Rotary.scaled(1, by: factor, headSize: shape.keyHeadSize)
      for (base, text) in [(now.base * scaled, "is"), (now.base / scaled, "is not")] {
        found.append(
          changed(.rotary, "rope_theta \(text) scaled for a length \(factor.optionText) times as long") {
            $0.rotary?.base = base
          })
      }
    }
    if now.dynamicFrom != nil {
      found.append(
        changed(.rotary, "rope_theta is not scaled for the length") { $0.rotary?.dynamicFrom = nil })
    }
    for (share, name) in [(1, "1"), (2, "0.5"), (4, "0.25")] where shape.keyHeadSize % (2 * share) == 0 {
      let size = share == 1 ? nil : shape.keyHeadSize / share
      guard size != now.size else { continue }
      found.append(
        changed(.rotary, "partial_rotary_factor", is: name) { $0.rotary?.size = size })
    }
    found.append(changed(.rotary, "there is no rotary embedding") { $0.rotary = nil })
    return found
  }

  /// The other ways to pair the numbers of a head, by the rows of q and k.
  private var pairs: [Alternative] {
    guard let rotary = shape.rotary else { return [] }
    let size = rotary.size ?? shape.keyHeadSize
    let toHalves = Self.halves(of: size)
    let orders = [
      (toHalves, "neighbouring numbers"), (toHalves.inverse, "numbers whose halves were joined in turn"),
    ]
    return orders.flatMap { order, name -> [Alternative] in
      let head = order + Array(size..<max(size, shape.keyHeadSize))
      func reordering(_ letter: String, heads: Int, isWhole: Bool) -> [String: @Sendable (Tensor) -> Tensor?] {
        let rows = (0..<heads).flatMap { head.shifted(by: $0 * shape.keyHeadSize) }
        var change = projection("\(letter)_proj") { $0.rows(in: rows) }
        guard isWhole else { return change }
        change["\(prefix).\(letter)_norm.weight"] = {
          $0.dimensions.count == 1 ? $0.rows(in: head) : $0.columns(in: head)
        }
        if let adapters {
          change["\(adapters).\(letter)_proj.up.weight"] = { $0.rows(in: rows) }
        }
        return change
      }
      func alternative(_ letters: [(String, Int)], isWhole: Bool) -> Alternative {
        let names = letters.map { "\($0.0)_proj" }.joined(separator: " and ")
        return Alternative(
          .rotary, "the rotary pairs of \(names) are \(name)",
          changing: letters.reduce(into: [:]) { all, letter in
            all.merge(reordering(letter.0, heads: letter.1, isWhole: isWhole)) { first, _ in first }
          })
      }
      let both = [("q", shape.heads), ("k", shape.keyValueHeads)]
      let parts = shape.keyValueLayer == nil ? both : [both[0]]
      let hasMore = shape.queryKeyNorm != nil || adapters != nil
      return [alternative(parts, isWhole: true)] + (hasMore ? [alternative(parts, isWhole: false)] : [])
        + (parts.count > 1 ? parts.map { alternative([$0], isWhole: false) } : [])
    }
  }

  /// The order that puts the even numbers in front of the odd ones.
  static func halves(of size: Int) -> [Int] {
    Array(stride(from: 0, to: size, by: 2)) + Array(stride(from: 1, to: size, by: 2))
  }

  private var windows: [Alternative] {
    let now = shape.window
    var found: [Alternative] = []
    let near = now.map { [$0 - 1, $0 + 1] } ?? []
    for window in (near + others.compactMap(\.window)).unique where window != now && window >= 0 {
      found.append(changed(.window, "sliding_window", is: "\(window)") { $0.window = window })
    }
    if now != nil { found.append(changed(.window, "sliding_window", is: "null") { $0.window = nil }) }
    return found
  }

  // MARK: Factors

  private var scale: Double { shape.scale ?? 1 / Double(shape.keyHeadSize).squareRoot() }

  private var scales: [Alternative] {
    let size = Double(shape.keyHeadSize)
    let valueSize = Double(shape.valueHeadSize)
    let hidden = Double(hiddenSize)
    let candidates: [(Double, String)] = [
      (1 / size.squareRoot(), "1/sqrt(\(shape.keyHeadSize))"), (1 / size, "1/\(shape.keyHeadSize)"),
      (1, "1"), (1 / (size / 2).squareRoot(), "1/sqrt(\(shape.keyHeadSize)/2)"),
      (1 / (2 * size).squareRoot(), "1/sqrt(2 * \(shape.keyHeadSize))"),
      (1 / valueSize.squareRoot(), "1/sqrt(\(shape.valueHeadSize))"),
      (1 / (hidden / Double(shape.heads)).squareRoot(), "1/sqrt(\(hiddenSize)/\(shape.heads))"),
      (1 / hidden.squareRoot(), "1/sqrt(\(hiddenSize))"),
    ] + others.compactMap { other in other.scale.map { ($0, $0.optionText) } }
    var tried = [scale]
    return candidates.compactMap { value, text in
      guard !tried.contains(where: { abs($0 - value) < 1e-6 * value }) else { return nil }
      tried.append(value)
      return changed(.scale, "the attention scale", is: text) { $0.scale = value }
    }
  }

  private static let factors: [(option: String, path: any WritableKeyPath<Architecture.Attention, Double?> & Sendable)] = [
    ("key_multiplier", \.keyMultiplier), ("attention_in_multiplier", \.inputMultiplier),
    ("attention_out_multiplier", \.outputMultiplier),
  ]

  private var multipliers: [Alternative] {
    Self.factors.flatMap { option, path -> [Alternative] in
      guard let value = shape[keyPath: path] else { return [] }
      return value.misuses.map { shown, new in
        changed(.multiplier, option, is: shown.optionText) { $0[keyPath: path] = new }
      }
    }
  }

  /// The factors that may be fitted.
  var fitted: [FittedFactor] {
    var found: [FittedFactor] = Self.factors.compactMap { option, path in
      shape[keyPath: path].map { value in
        FittedFactor(.multiplier, option, now: value) { $0.attention?[keyPath: path] = $1 }
      }
    }
    // A factor of the keys does what one of the scores does.
    if shape.keyMultiplier == nil {
      found.append(
        FittedFactor(.scale, "the attention scale", now: scale) { $0.attention?.scale = $1 })
    }
    if shape.outputMultiplier == nil {
      found.append(
        FittedFactor(of: "the result of attention") { $0.attention?.outputMultiplier = $1 })
    }
    return found
  }

  // MARK: Heads and norms

  /// The other numbers of heads into which the same widths can be cut.
  private var headCounts: [Alternative] {
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

  private var headOrders: [Alternative] {
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
        .headOrder, "query head h reads key and value head h mod \(groups), not h / \(heads / groups)"
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

  private var norms: [Alternative] {
    guard shape.queryKeyNorm != nil else { return [] }
    return [changed(.norm, "queries and keys go without norms") { $0.queryKeyNorm = nil }]
  }

  /// The same change of a projection's weight and bias.
  private func projection(
    _ name: String, _ change: @escaping @Sendable (Tensor) -> Tensor?
  ) -> [String: @Sendable (Tensor) -> Tensor?] {
    ["\(prefix).\(name).weight": change, "\(prefix).\(name).bias": change]
  }
}
