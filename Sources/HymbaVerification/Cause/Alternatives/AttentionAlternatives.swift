import HymbaModel

/// What may be meant otherwise in the attention that a layer applies.
struct AttentionAlternatives {
  let shape: Architecture.Attention
  /// The beginning of the names of its parameters.
  let prefix: String
  /// The beginning of the names of what the layer adds to a shared block's projections; nil for none.
  let adapters: String?
  let hiddenSize: Int
  /// The positions of the input.
  let length: Int
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

  func changed(
    _ kind: Cause.Kind, _ option: String, is value: String, _ change: @escaping Change
  ) -> Alternative {
    Alternative(kind, option, is: value) { draft in
      guard var attention = draft.attention else { return }
      change(&attention)
      draft.attention = attention
    }
  }

  func changed(_ kind: Cause.Kind, _ text: String, _ change: @escaping Change) -> Alternative {
    Alternative(kind, text) { draft in
      guard var attention = draft.attention else { return }
      change(&attention)
      draft.attention = attention
    }
  }

  private var windows: [Alternative] {
    let now = shape.window
    var found: [Alternative] = []
    let near = now.map { [$0 - 1, $0 + 1] } ?? []
    // Any window of a short input can be tried; of a long one, those that are usual.
    let short = now == nil ? [] : Array(0..<min(32, length - 1))
    let usual = now == nil ? [] : (6...14).map { 1 << $0 }.filter { $0 < length - 1 }
    let all = near + others.compactMap(\.window) + short + usual
    for window in all.unique where window != now && window >= 0 {
      found.append(changed(.window, "sliding_window", is: "\(window)") { $0.window = window })
    }
    if now != nil {
      found.append(changed(.window, "sliding_window", is: "null") { $0.window = nil })
    }
    return found
  }

  private var scale: Double { shape.scale ?? 1 / Double(shape.keyHeadSize).squareRoot() }

  private var scales: [Alternative] {
    let size = Double(shape.keyHeadSize)
    let valueSize = Double(shape.valueHeadSize)
    let hidden = Double(hiddenSize)
    let candidates: [(Double, String)] =
      [
        (1 / size.squareRoot(), "1/sqrt(\(shape.keyHeadSize))"),
        (1 / size, "1/\(shape.keyHeadSize)"),
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

  private static let factors:
    [(option: String, path: any WritableKeyPath<Architecture.Attention, Double?> & Sendable)] = [
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
    if shape.inputMultiplier == nil {
      found.append(
        FittedFactor(of: "the input of attention") { $0.attention?.inputMultiplier = $1 })
    }
    if shape.outputMultiplier == nil {
      found.append(
        FittedFactor(of: "the result of attention") { $0.attention?.outputMultiplier = $1 })
    }
    return found
  }

  /// The same change of a projection's weight and bias.
  func projection(
    _ name: String, _ change: @escaping @Sendable (Tensor) -> Tensor?
  ) -> [String: @Sendable (Tensor) -> Tensor?] {
    ["\(prefix).\(name).weight": change, "\(prefix).\(name).bias": change]
  }
}
