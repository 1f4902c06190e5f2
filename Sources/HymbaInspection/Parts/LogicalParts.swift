package import HymbaModel

/// What the rows and columns of a parameter stand for: the parts of a fused weight, and heads.
package struct LogicalParts: Hashable, Sendable {
  /// One part of a fused parameter.
  package struct Part: Hashable, Sendable {
    /// The name that the field uses: `z`, `x`, `B`, `C`, `dt`, `gate`, `up`.
    package let name: String
    package let rows: Range<Int>
    /// Heads along the rows of the part; nil where it has none.
    package let heads: Heads?
  }

  /// Neighbouring rows or columns that belong together.
  package struct Heads: Hashable, Sendable {
    /// Rows or columns of one head.
    package let size: Int
    /// The rows at the beginning of a head that rotary positions turn; nil for none.
    package let rotated: Int?
  }

  /// The parts in order, which cover all rows; empty for a parameter that is one thing.
  package let parts: [Part]
  /// Heads along the rows of a parameter without parts.
  package let rowHeads: Heads?
  package let columnHeads: Heads?

  init(
    parts: [(name: String, rows: Int, head: Int?)] = [], rowHeads: Heads? = nil,
    columnHeads: Heads? = nil
  ) {
    var start = 0
    self.parts = parts.filter { $0.rows > 0 }.map { name, rows, head in
      defer { start += rows }
      return Part(
        name: name, rows: start..<start + rows, heads: head.map { Heads(size: $0, rotated: nil) })
    }
    self.rowHeads = rowHeads
    self.columnHeads = columnHeads
  }

  /// The rows that the parts cover together; nil without parts.
  var rows: Int? { parts.last?.rows.upperBound }
}

extension LogicalParts {
  /// The parts of the parameters of an architecture, by their names. Parameters that have neither parts nor
  /// heads are not in it.
  package static func all(of architecture: Architecture) -> [String: LogicalParts] {
    var all: [String: LogicalParts] = [:]
    for (index, layer) in architecture.layers.enumerated() {
      let prefix = "layers.\(index)"
      switch layer.stateSpace {
      case .mamba(let mamba)?: add(mamba, "\(prefix).mamba", to: &all)
      case .mamba2(let mamba)?: add(mamba, "\(prefix).mamba", to: &all)
      case nil: break
      }
      if let attention = layer.attention { add(attention, "\(prefix).attention", to: &all) }
      if let block = architecture.sharedBlock, layer.usesSharedBlock, block.adapters != nil {
        let size = block.feedForward.intermediateSize ?? 0
        all["\(prefix).adapter.ffn.up.weight"] = LogicalParts(
          parts: [("gate", size, nil), ("up", size, nil)])
      }
    }
    if let block = architecture.sharedBlock {
      for index in 0..<(block.count ?? 1) {
        add(block.attention, "\(block.prefix(ofBlock: index)).attention", to: &all)
      }
    }
    return all
  }

  private static func add(
    _ mamba: Architecture.Mamba, _ prefix: String, to all: inout [String: LogicalParts]
  ) {
    let (inner, states) = (mamba.innerSize, mamba.stateSize)
    for name in ["in_proj.weight", "in_proj.bias"] {
      all["\(prefix).\(name)"] = LogicalParts(parts: [("x", inner, nil), ("z", inner, nil)])
    }
    guard mamba.heads == 1 else { return }
    for name in ["x_proj.weight", "x_proj.bias"] {
      all["\(prefix).\(name)"] = LogicalParts(
        parts: [("dt", mamba.rank, nil), ("B", states, nil), ("C", states, nil)])
    }
  }

  private static func add(
    _ mamba: Architecture.Mamba2, _ prefix: String, to all: inout [String: LogicalParts]
  ) {
    let (inner, shared) = (mamba.innerSize, mamba.groups * mamba.stateSize)
    let head = Heads(size: mamba.headSize, rotated: nil)
    for name in ["weight", "bias"] {
      all["\(prefix).in_proj.\(name)"] = LogicalParts(parts: [
        ("z", inner, mamba.headSize), ("x", inner, mamba.headSize), ("B", shared, mamba.stateSize),
        ("C", shared, mamba.stateSize), ("dt", mamba.heads, 1),
      ])
      all["\(prefix).conv1d.\(name)"] = LogicalParts(parts: [
        ("x", inner, mamba.headSize), ("B", shared, mamba.stateSize), ("C", shared, mamba.stateSize),
      ])
    }
    for name in ["A_log", "D", "dt_bias"] {
      all["\(prefix).\(name)"] = LogicalParts(rowHeads: Heads(size: 1, rotated: nil))
    }
    all["\(prefix).norm.weight"] = LogicalParts(rowHeads: head)
    all["\(prefix).out_proj.weight"] = LogicalParts(columnHeads: head)
  }

  private static func add(
    _ attention: Architecture.Attention, _ prefix: String, to all: inout [String: LogicalParts]
  ) {
    let rotated = attention.rotary.map { $0.size ?? attention.keyHeadSize }
    let keys = Heads(size: attention.keyHeadSize, rotated: rotated)
    let values = Heads(size: attention.valueHeadSize, rotated: nil)
    for name in ["weight", "bias"] {
      all["\(prefix).q_proj.\(name)"] = LogicalParts(rowHeads: keys)
      all["\(prefix).k_proj.\(name)"] = LogicalParts(rowHeads: keys)
      all["\(prefix).v_proj.\(name)"] = LogicalParts(rowHeads: values)
    }
    all["\(prefix).o_proj.weight"] = LogicalParts(columnHeads: values)
    if attention.queryKeyNorm == .shared {
      for name in ["q_norm.weight", "k_norm.weight"] {
        all["\(prefix).\(name)"] = LogicalParts(rowHeads: keys)
      }
    }
  }
}
