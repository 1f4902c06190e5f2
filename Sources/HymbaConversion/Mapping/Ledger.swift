import HymbaFormat
import HymbaModel

/// The balanced account of a conversion: what happened to every tensor.
public struct Ledger: Hashable, Sendable, Codable {
  public var tensorsIn = 0
  public var tensorsOut = 0
  /// Kept bytes under another name.
  public var renamed = 0
  /// Permuted or reshaped.
  public var transformed = 0
  /// Several into one.
  public var joined = 0
  /// One into several.
  public var split = 0
  /// External names of tensors that the model never uses.
  public var carried: [String] = []
}

extension LayoutPlan {
  /// Balances the plan against what a source has and what the model needs.
  ///
  /// - Parameter isCarried: Whether a source tensor that no move uses is one that is kept without use.
  /// - Throws: ``ConversionError/ledger(_:)`` with everything that does not fit.
  func balance(
    _ tensors: TensorTable, _ inventory: ParameterInventory, isCarried: (String) -> Bool
  ) throws(ConversionError) -> Ledger {
    var problems = LedgerProblems()
    var ledger = Ledger(tensorsIn: tensors.count, tensorsOut: inventory.count)
    var used: Set<String> = []
    var filled: Set<String> = []
    for move in moves {
      let absent = move.sources.filter { tensors[$0] == nil }
      problems.missing += absent
      for name in move.sources where !used.insert(name).inserted { problems.repeated.append(name) }
      for name in move.targets where !filled.insert(name).inserted {
        problems.repeated.append(name)
      }
      if absent.isEmpty { check(move, tensors, inventory, &problems) }
      ledger.count(move)
    }
    problems.missing += inventory.map(\.name).filter { !filled.contains($0) }
    for tensor in tensors where !used.contains(tensor.name) {
      if isCarried(tensor.name) {
        ledger.carried.append(tensor.name)
      } else {
        problems.unexpected.append(tensor.name)
      }
    }
    guard problems.isEmpty else { throw .ledger(problems) }
    return ledger
  }

  private func check(
    _ move: Move, _ tensors: TensorTable, _ inventory: ParameterInventory,
    _ problems: inout LedgerProblems
  ) {
    let found = move.sources.compactMap { tensors[$0] }
    if let other = found.first(where: { $0.type != found[0].type }) {
      problems.mismatched.append(
        "\(other.name) is \(other.type.rawValue) beside \(found[0].type.rawValue)")
      return
    }
    let expected = move.targets.compactMap { inventory[$0]?.shape.dimensions }
    do {
      let shapes = try move.targetShapes(found.map(\.shape.dimensions))
      guard shapes != expected else { return }
    } catch {}  // The step that does not fit says less than the shape that is needed.
    // What the source should have had: the same steps backwards from what the model needs.
    let needed = try? move.inverse.targetShapes(expected)
    for (position, tensor) in found.enumerated() {
      let shape = tensor.shape.dimensions
      guard let needed, needed.indices.contains(position) else {
        problems.mismatched.append("\(tensor.name) is \(shape)")
        continue
      }
      if shape != needed[position] {
        problems.mismatched.append("\(tensor.name) is \(shape) instead of \(needed[position])")
      }
    }
  }
}

extension Ledger {
  fileprivate mutating func count(_ move: Move) {
    if move.isRename {
      renamed += 1
    } else if move.sources.count > 1 {
      joined += 1
    } else if move.targets.count > 1 {
      split += 1
    } else {
      transformed += 1
    }
  }
}
