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
    let account = account(tensors, inventory, isCarried: isCarried)
    guard account.problems.isEmpty else { throw .ledger(account.problems) }
    return account.ledger
  }
}

extension Ledger {
  mutating func count(_ move: Move) {
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
