package import HymbaFormat
package import HymbaModel

/// What the values of a checkpoint say about how it was written.
package struct ConventionReport: Sendable {
  /// The flags of each parameter that has any, the errors first.
  package private(set) var flags: [String: [ValueFlag]] = [:]
  /// The names of those parameters, in the order of the model.
  private var names: [String] = []

  /// Judges parameters, each by itself and all together. Those that were not read are left out.
  ///
  /// - Parameters:
  ///   - figures: What was seen of the parameters, by their names.
  ///   - statistics: The statistics of tensors, where there are some: what needs all values is judged by them.
  package init(
    _ figures: [String: ParameterFigures], _ architecture: Architecture?,
    inventory: ParameterInventory?, tensors: TensorTable,
    statistics: [String: TensorStatistics] = [:]
  ) {
    if let architecture, let inventory {
      let judged = inventory.compactMap { parameter in
        figures[parameter.name].map { JudgedParameter(parameter, $0, in: architecture) }
      }
      .filter(\.figures.isFinite)
      add(NormCentre.flags(judged))
      add(DecayRule.flags(judged))
      add(TimeStepBiasRule.flags(judged))
      add(ConvolutionRule.flags(judged))
      add(MultiplierRule.flags(judged, architecture))
      add(FillRule.flags(judged))
      add(judged.compactMap { Freshness.flag($0, statistics[$0.name]) })
    }
    for tensor in tensors {
      guard let own = statistics[tensor.name], let flag = StoredWidth.flag(tensor, own) else { continue }
      add([FlaggedParameter(name: tensor.name, flag: flag)])
    }
    let order = Dictionary(
      (inventory.map { $0.map(\.name) } ?? tensors.map(\.name)).enumerated().map { ($1, $0) }
    ) { own, _ in own }
    names = flags.keys.sorted { (order[$0] ?? .max, $0) < (order[$1] ?? .max, $1) }
    for name in names {
      flags[name]?.sort { Self.rank($0.severity) < Self.rank($1.severity) }
    }
  }

  private mutating func add(_ found: [FlaggedParameter]) {
    for flagged in found { flags[flagged.name, default: []].append(flagged.flag) }
  }

  private static func rank(_ severity: Finding.Severity) -> Int {
    Finding.Severity.allCases.firstIndex(of: severity) ?? 0
  }

  /// A flag with all parameters that it is said of.
  package struct Group: Hashable, Sendable {
    package let flag: ValueFlag
    package let names: [String]
    /// The names in one text: `layers.{0..3}.mamba.A_log`.
    package var subject: String { FoldedNames.fold(names).words }
  }

  /// The flags, those that say the same of several parameters together: errors first, otherwise in the order of
  /// the model.
  package var groups: [Group] {
    var order: [ValueFlag] = []
    var members: [ValueFlag: [String]] = [:]
    for name in names {
      for flag in flags[name] ?? [] {
        if members[flag] == nil { order.append(flag) }
        members[flag, default: []].append(name)
      }
    }
    return Finding.Severity.allCases.flatMap { severity in
      order.filter { $0.severity == severity }.map { Group(flag: $0, names: members[$0] ?? []) }
    }
  }
}
