import HymbaFormat
import HymbaModel

/// The balanced account of a conversion: how each tensor and parameter was mapped.
public struct Ledger: Hashable, Sendable, Codable {
  /// The number of source tensors.
  public var tensorsIn = 0
  /// The number of parameters of the model.
  public var tensorsOut = 0
  /// The number of moves that keep the bytes and may change the name.
  public var renamed = 0
  /// The number of moves that permute or reshape one tensor into one.
  public var transformed = 0
  /// The number of moves with several sources.
  public var joined = 0
  /// The number of moves from one source to several targets.
  public var split = 0
  /// The external names of tensors that are kept and that the model never uses.
  public var carried: [String] = []
}

extension LayoutPlan {
  /// Balances the plan against what a source has and what the model needs. No tensor data is read.
  ///
  /// - Parameter isCarried: Whether a source tensor that no move uses is carried: kept, and not used by the
  ///   model.
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
  /// Counts a move under its kind.
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
