import HymbaFormat
import HymbaModel

/// The account of a plan: what a source has against what a model needs. It need not balance.
package struct LayoutAccount: Hashable, Sendable {
  /// The counts of the moves. They describe a conversion only when there are no problems.
  package var ledger = Ledger()
  package var problems = LedgerProblems()
  /// The source tensors that rules read.
  package var usedTensors: Set<String> = []
  /// The names that rules read and the source does not have.
  package var absentTensors: [String] = []
  /// The parameters that rules fill from tensors that are all there.
  package var filledParameters: Set<String> = []
  /// The parameters that no rule fills, or only from absent tensors.
  package var unfilledParameters: [String] = []
}

extension LayoutPlan {
  /// Accounts for every source tensor and every parameter. No tensor data is read.
  ///
  /// - Parameter isCarried: Whether a source tensor that no move uses is carried: kept, and not used by the
  ///   model.
  func account(
    _ tensors: TensorTable, _ inventory: ParameterInventory, isCarried: (String) -> Bool
  ) -> LayoutAccount {
    var account = LayoutAccount()
    account.ledger.tensorsIn = tensors.count
    account.ledger.tensorsOut = inventory.count
    var readers: [String: Int] = [:]
    var fillers: [String: Int] = [:]
    for (move, rule) in zip(moves, rules) {
      for name in move.sources { note(name, rule, in: &readers, &account.problems) }
      for name in move.targets { note(name, rule, in: &fillers, &account.problems) }
      let absent = move.sources.filter { tensors[$0] == nil }
      account.absentTensors += absent
      if absent.isEmpty {
        account.filledParameters.formUnion(move.targets)
        check(move, tensors, inventory, &account.problems)
      }
      account.ledger.count(move)
    }
    let unfillable = inventory.map(\.name).filter { fillers[$0] == nil }
    account.problems.missing = account.absentTensors + unfillable
    account.unfilledParameters = inventory.map(\.name).filter {
      !account.filledParameters.contains($0)
    }
    let kept = Set(moves.lazy.filter(\.keepsSource).flatMap(\.sources))
    for tensor in tensors {
      if readers[tensor.name] != nil {
        account.usedTensors.insert(tensor.name)
        if kept.contains(tensor.name) { account.ledger.carried.append(tensor.name) }
      } else if isCarried(tensor.name) {
        account.ledger.carried.append(tensor.name)
      } else {
        account.problems.unexpected.append(tensor.name)
      }
    }
    return account
  }

  /// Notes that a rule reads or fills a name. It is a problem when another did so before.
  private func note(
    _ name: String, _ rule: Int, in rules: inout [String: Int], _ problems: inout LedgerProblems
  ) {
    guard let other = rules.updateValue(rule, forKey: name) else { return }
    problems.repeated.append(
      other == rule ? "\(name) (rule \(rule))" : "\(name) (rules \(other) and \(rule))")
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
    let failure: ConversionError?
    do throws(ConversionError) {
      let shapes = try move.targetShapes(found.map(\.shape.dimensions))
      guard shapes != expected else { return }
      failure = nil
    } catch { failure = error }
    // The steps backwards from the model's shapes give the shapes that the source should have. These say more
    // than the step that does not fit. Where even that fails, the steps are wrong and not the source.
    guard let needed = try? move.inverse.targetShapes(expected) else {
      return problems.mismatched.append(contradiction(move, expected, failure))
    }
    for (tensor, needed) in zip(found, needed) where tensor.shape.dimensions != needed {
      problems.mismatched.append("\(tensor.name) is \(tensor.shape) instead of \(needed)")
    }
  }

  private func contradiction(
    _ move: Move, _ expected: [[Int]], _ failure: ConversionError?
  ) -> String {
    if case .layoutInvalid(let why)? = failure { return why }
    if let failure { return "\(failure)" }
    return
      "\(move.sources[0]) does not become \(expected.map { "\($0)" }.joined(separator: ", ")) by the layout's steps"
  }
}
