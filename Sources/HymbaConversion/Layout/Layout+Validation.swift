import HymbaFormat

extension Layout {
  /// Checks what can be checked without a checkpoint.
  /// - Throws: ``ConversionError/layoutInvalid(_:)`` with the first mistake.
  func validate() throws(ConversionError) {
    guard !name.isEmpty else { throw .layoutInvalid("its name is empty") }
    guard optionalPrefix != "" else { throw .layoutInvalid("its optionalPrefix is empty") }
    try validateSignature()
    try validateOptions()
    guard rules.count <= Limits.layoutRules else {
      throw .layoutInvalid("it has \(rules.count) rules; at most \(Limits.layoutRules) are read")
    }
    for index in rules.indices {
      try inRule(index) { () throws(ConversionError) in try rules[index].validate() }
    }
    try validateTargets()
  }

  /// Runs `body`, and names the rule in front of the message where `body` finds the layout invalid.
  func inRule<Result>(
    _ index: Int, _ body: () throws(ConversionError) -> Result
  ) throws(ConversionError) -> Result {
    do throws(ConversionError) {
      return try body()
    } catch {
      guard case .layoutInvalid(let why) = error else { throw error }
      throw .layoutInvalid("\(ruleLabel(index)): \(why)")
    }
  }

  /// The name of a rule in messages: `rule 3 (“blk.{layer}.w”)`. Rules are counted from 0, as in the paths of
  /// JSON.
  package func ruleLabel(_ index: Int) -> String {
    guard rules.indices.contains(index), let source = rules[index].from.first else {
      return "rule \(index)"
    }
    return "rule \(index) (“\(source.printable)”)"
  }

  private func validateSignature() throws(ConversionError) {
    guard let first = signature.first else { throw .layoutInvalid("its signature is empty") }
    guard first.names.count == 1, !first.text.contains("{") else {
      throw .layoutInvalid(
        first.names.count == 1
          ? "its signature begins with a name that has a placeholder"
          : "its signature begins with a list, and not with a name")
    }
    for (list, marks) in [("signature", signature), ("unlike", unlike ?? [])] {
      guard marks.allSatisfy({ !$0.names.isEmpty }) else {
        throw .layoutInvalid("its \(list) has an empty list")
      }
      for name in marks.flatMap(\.names) {
        let pattern = try NamePattern(name)
        guard pattern.numbers.isSubset(of: ["layer"]), !pattern.standsForAnyName else {
          throw .layoutInvalid("its \(list) has a placeholder that is not {layer}")
        }
      }
    }
  }

  /// Checks that `infer` and `assume` only give options of an ``InferringFamily``, in a valid form.
  private func validateOptions() throws(ConversionError) {
    let own = configuration.family as? any InferringFamily
    let families = own.map { [$0] } ?? Families.inferring
    let known = families.flatMap(\.optionNames)
    for name in (infer.map { Array($0.keys) } ?? []).sorted() + (assume ?? [:]).keys.sorted() {
      guard known.contains(name) else {
        throw .layoutInvalid(
          "it infers or assumes “\(name.printable)”; the options are \(known.joined(separator: ", "))"
        )
      }
    }
    guard own != nil || (infer == nil && assume == nil) else {
      throw .layoutInvalid(
        "it has infer or assume, which only the configuration \(families.map(\.name).joined(separator: " or ")) can use, but its configuration is \(configuration.name)"
      )
    }
    for (name, value) in (assume ?? [:]).sorted(by: { $0.key < $1.key }) where value < 1 {
      throw .layoutInvalid("it assumes that \(name) is \(value)")
    }
    for (name, inferences) in (infer ?? [:]).sorted(by: { $0.key < $1.key }) {
      for inference in inferences {
        guard try inference.isValid else {
          throw .layoutInvalid(
            "it infers \(name) from something else than a tensor with an axis (and divide), or a count of a name with {layer}"
          )
        }
      }
    }
  }

  /// Refuses two rules that fill the same parameters in every model: one of them has no condition, and its
  /// targets are among the targets of the other.
  private func validateTargets() throws(ConversionError) {
    var unconditional: [String: [Int]] = [:]
    for (index, rule) in rules.enumerated() where rule.when == nil {
      if let first = rule.to?.first { unconditional[first, default: []].append(index) }
    }
    for (index, rule) in rules.enumerated() {
      let targets = rule.to ?? []
      for target in Set(targets).sorted() {
        for other in unconditional[target] ?? []
        where other != index && Set(targets).isSuperset(of: rules[other].to ?? []) {
          let (a, b) = (min(index, other), max(index, other))
          throw .layoutInvalid(
            "\(ruleLabel(a)) and \(ruleLabel(b)) both fill “\(target.printable)”; give each a when")
        }
      }
    }
  }
}

extension Layout.Inference {
  /// Whether the inference is complete and of one form: an axis of a tensor, or a count. A count needs
  /// `{layer}`, without which it would never end.
  fileprivate var isValid: Bool {
    get throws(ConversionError) {
      if let count {
        let pattern = try NamePattern(count)
        return tensor == nil && axis == nil && divide == nil && pattern.numbers == ["layer"]
          && !pattern.standsForAnyName
      }
      guard let tensor, let axis else { return false }
      return try NamePattern(tensor).numbers.isEmpty && axis >= 0 && (divide ?? 1) >= 1
    }
  }
}
