import HymbaModel

extension AttentionAlternatives {
  /// The bases of released models.
  private static let bases = [1e4, 5e4, 1e5, 2.5e5, 5e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11]

  var rotary: [Alternative] {
    let now = shape.rotary
    var found: [Alternative] = []
    let bases = Self.bases + others.compactMap { $0.rotary?.base }
    for base in bases.unique where base != now?.base && shape.keyHeadSize % 2 == 0 {
      // Without a rotary embedding only the most common bases are likely.
      guard let now else {
        guard base == 1e4 || others.contains(where: { $0.rotary?.base == base }) else { continue }
        found.append(
          changed(.rotary, "there is a rotary embedding, with rope_theta \(base.optionText)") {
            $0.rotary = Architecture.Attention.Rotary(base: base)
          })
        continue
      }
      found.append(
        changed(.rotary, "rope_theta", is: base.optionText) {
          $0.rotary = Architecture.Attention.Rotary(
            base: base, dynamicFrom: now.dynamicFrom, size: now.size)
        })
    }
    guard let now else { return found }
    // NTK-aware scaling gives a base that no configuration names.
    for factor in [2.0, 4, 8, 16] where shape.keyHeadSize > 2 {
      let scaled = Architecture.Attention.Rotary.scaled(1, by: factor, headSize: shape.keyHeadSize)
      for (base, text) in [(now.base * scaled, "is"), (now.base / scaled, "is not")] {
        found.append(
          changed(
            .rotary, "rope_theta \(text) scaled for a length \(factor.optionText) times as long"
          ) {
            $0.rotary?.base = base
          })
      }
    }
    if now.dynamicFrom != nil {
      found.append(
        changed(.rotary, "rope_theta is not scaled for the length") { $0.rotary?.dynamicFrom = nil }
      )
    }
    for (share, name) in [(1, "1"), (2, "0.5"), (4, "0.25")]
    where shape.keyHeadSize % (2 * share) == 0 {
      let size = share == 1 ? nil : shape.keyHeadSize / share
      guard size != now.size else { continue }
      found.append(
        changed(.rotary, "partial_rotary_factor", is: name) { $0.rotary?.size = size })
    }
    found.append(changed(.rotary, "there is no rotary embedding") { $0.rotary = nil })
    return found
  }

  /// The other ways to pair the numbers of a head, by the rows of q and k.
  var pairs: [Alternative] {
    guard let rotary = shape.rotary else { return [] }
    let size = rotary.size ?? shape.keyHeadSize
    let toHalves = Self.halves(of: size)
    let orders = [
      (toHalves, "neighbouring numbers"),
      (toHalves.inverse, "numbers whose halves were joined in turn"),
    ]
    return orders.flatMap { order, name -> [Alternative] in
      let head = order + Array(size..<max(size, shape.keyHeadSize))
      func reordering(_ letter: String, heads: Int, isWhole: Bool) -> [String:
        @Sendable (Tensor) -> Tensor?]
      {
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
      return [alternative(parts, isWhole: true)]
        + (hasMore ? [alternative(parts, isWhole: false)] : [])
        + (parts.count > 1 ? parts.map { alternative([$0], isWhole: false) } : [])
    }
  }

  /// The order that puts the even numbers in front of the odd ones.
  static func halves(of size: Int) -> [Int] {
    Array(stride(from: 0, to: size, by: 2)) + Array(stride(from: 1, to: size, by: 2))
  }
}
