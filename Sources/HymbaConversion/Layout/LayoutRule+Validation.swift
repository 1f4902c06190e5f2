import HymbaFormat
import HymbaModel

extension Layout.Rule {
  /// Whether the source stands for copies of one tensor under several layers.
  var copiesOverLayers: Bool {
    from.contains { $0.contains("{host") }
      || from.contains { $0.contains("{layer") } && !(to ?? []).contains { $0.contains("{layer") }
  }

  /// Checks what can be checked without a model.
  /// - Throws: ``ConversionError/layoutInvalid(_:)`` with the first mistake.
  func validate() throws(ConversionError) {
    let from = try patterns(self.from)
    let to = try patterns(self.to ?? [])
    guard !from.isEmpty else { throw .layoutInvalid("it has no source") }
    guard max(from.count, to.count) <= Limits.ruleNames else {
      throw .layoutInvalid("it has more than \(Limits.ruleNames) names on a side")
    }
    guard Set(self.from).count == from.count, Set(self.to ?? []).count == to.count else {
      throw .layoutInvalid("it names a tensor twice")
    }
    if carry == true {
      guard to.isEmpty, (steps ?? []).isEmpty, optional == nil, when == nil else {
        throw .layoutInvalid("it carries and maps at once")
      }
      return
    }
    try validateOptional()
    guard !to.isEmpty else { throw .layoutInvalid("it has no target") }
    guard from.count == 1 || to.count == 1 else {
      throw .layoutInvalid(
        "it maps several tensors to several; split it into rules with one on a side")
    }
    try validatePlaceholders(from, to)
    try validateCondition(from[0].numbers.union(to[0].numbers))
    try validateSteps(from, to)
  }

  private func patterns(_ names: [String]) throws(ConversionError) -> [NamePattern] {
    try names.map { name throws(ConversionError) in try NamePattern(name) }
  }

  private func validateOptional() throws(ConversionError) {
    guard let optional else { return }
    guard Set(optional).isSubset(of: from), optional.count < from.count else {
      throw .layoutInvalid("it has optional names that are not further sources of it")
    }
    guard steps?.contains(.same) == true, !optional.contains(where: { $0.contains("{") }) else {
      throw .layoutInvalid(
        "it has optional names, which are for copies: plain names, and the step same")
    }
  }

  private func validatePlaceholders(
    _ from: [NamePattern], _ to: [NamePattern]
  ) throws(ConversionError) {
    if (from + to).contains(where: \.standsForAnyName) {
      guard from.count == 1, to.count == 1, (from + to).allSatisfy(\.standsForAnyName),
        (from + to).allSatisfy(\.numbers.isEmpty), steps ?? [] == [], when == nil
      else {
        throw .layoutInvalid(
          "it has {name}, which is for one tensor under another name, without steps or a when")
      }
    }
    for placeholder in NamePattern.placeholders {
      for side in [from, to] {
        guard Set(side.map { $0.numbers.contains(placeholder) }).count == 1 else {
          throw .layoutInvalid("it has {\(placeholder)} on some names only")
        }
      }
    }
    let (given, wanted) = (from[0].numbers, to[0].numbers)
    try validateSharing(given, wanted)
    if wanted.contains("layer") && given.isDisjoint(with: ["layer", "use"]) {
      throw .layoutInvalid("it has {layer} on its targets, which no source gives")
    }
    if given.union(wanted).contains("expert") && !given.contains("layer") {
      throw .layoutInvalid("it has {expert} without {layer}, but each layer has experts of its own")
    }
    guard copiesOverLayers else { return }
    // The copies are compared as they are, so that each of them can be written again.
    let comparesFirst = steps?.first == .same && steps?.dropFirst().contains(.same) == false
    guard from.count == 1, comparesFirst, optional == nil, !given.contains("expert") else {
      throw .layoutInvalid(
        "it has \(given.contains("host") ? "{host}" : "{layer} on its sources only"), which is for copies: one name, and first the step same"
      )
    }
  }

  /// Checks the placeholders for what layers share, which each have one side and one meaning.
  ///
  /// - Parameters:
  ///   - given: The placeholders of the sources.
  ///   - wanted: The placeholders of the targets.
  private func validateSharing(
    _ given: Set<String>, _ wanted: Set<String>
  ) throws(ConversionError) {
    for placeholder in ["host", "use"] where wanted.contains(placeholder) {
      throw .layoutInvalid("it has {\(placeholder)} on its targets, which is for sources")
    }
    if given.contains("block") {
      throw .layoutInvalid("it has {block} on its sources, which is for targets")
    }
    if wanted.isSuperset(of: ["block", "layer"]) {
      throw .layoutInvalid(
        "it has {block} and {layer} on its targets, but a parameter is of one of them")
    }
    if wanted.contains("block") && given != ["host"] {
      throw .layoutInvalid("it has {block} on its targets, which takes {host} alone on its source")
    }
    if given.contains("host") && wanted.isDisjoint(with: ["block", "layer"]) {
      throw .layoutInvalid("it has {host} on its sources, which takes {block} or {layer} on its targets")
    }
    if given.contains("use") && !wanted.contains("layer") {
      throw .layoutInvalid("it has {use} on its sources, which takes {layer} on its targets")
    }
  }

  /// Checks the names in the condition of the rule. A condition on a placeholder that the rule does not have
  /// would never hold, without a message.
  /// - Parameter placeholders: The placeholders of the rule.
  private func validateCondition(_ placeholders: Set<String>) throws(ConversionError) {
    let known = placeholders.intersection(["layer", "block"])
    for name in (when?.has ?? []) + (when?.lacks ?? []) {
      let pattern = try NamePattern(name)
      guard pattern.numbers.isSubset(of: known), !pattern.standsForAnyName else {
        throw .layoutInvalid(
          "its when names “\(name.printable)”, with a placeholder that \(known.first.map { "is not {\($0)}" } ?? "its sources do not give")"
        )
      }
    }
    for name in (when?.sized ?? []) + (when?.unsized ?? []) {
      try requireSize(name, inLayer: known.contains("layer"))
    }
  }

  /// Checks that a size exists. Otherwise a misspelled name would only be noticed in models that the rule
  /// applies to.
  private func requireSize(_ name: String, inLayer: Bool) throws(ConversionError) {
    if Architecture.modelSizeNames.contains(name) { return }
    guard Architecture.layerSizeNames.contains(name) else {
      throw .layoutInvalid("it has the size “\(name.printable)”, which no architecture has")
    }
    guard inLayer else {
      throw .layoutInvalid("it has the size “\(name)”, which only a layer has, but no {layer}")
    }
  }

  private func validateSteps(_ from: [NamePattern], _ to: [NamePattern]) throws(ConversionError) {
    // Where only one side has {expert}, the architecture decides how many tensors that side stands for.
    let stacksFrom = from[0].numbers.contains("expert") && !to[0].numbers.contains("expert")
    let stacksTo = to[0].numbers.contains("expert") && !from[0].numbers.contains("expert")
    var count = stacksFrom || copiesOverLayers ? nil : from.count
    for step in steps ?? [] {
      for name in step.sizes.flatMap(\.names) {
        try requireSize(name, inLayer: to[0].numbers.contains("layer"))
      }
      count = try step.tensorCount(from: count, sources: from.count)
    }
    try validateValueSteps(
      isOfOne: from.count == 1 && to.count == 1 && !stacksFrom && !stacksTo && !copiesOverLayers,
      inLayer: to[0].numbers.contains("layer"))
    guard let count, !stacksTo, count != to.count else { return }
    throw .layoutInvalid(
      "its steps make \(count) tensors, but it has \(to.count == 1 ? "one target" : "\(to.count) targets")"
    )
  }

  /// Checks the steps that compute numbers. They are applied to parameters, and so come after all others.
  /// - Parameter isOfOne: Whether the rule makes one parameter of one tensor.
  private func validateValueSteps(isOfOne: Bool, inLayer: Bool) throws(ConversionError) {
    let steps = (steps ?? []).drop { $0.value == nil }
    guard !steps.isEmpty else { return }
    guard isOfOne, steps.allSatisfy({ $0.value != nil }) else {
      throw .layoutInvalid(
        "it has a step that computes numbers, which comes after all others in a rule of one source and one target"
      )
    }
    for step in steps { try step.value?.validate(inLayer: inLayer) }
  }
}

extension LayoutStep {
  /// All sizes that the step needs.
  fileprivate var sizes: [SizeExpression] {
    switch self {
    case .permute, .same: []
    case .reshape(let from, let to): from + to
    case .join(_, let sizes), .split(_, let sizes): sizes
    case .unstack(let count): [count]
    case .value(let step): step.sizes
    }
  }

  /// The number of tensors that come out of the step; nil where only the architecture tells.
  /// - Parameters:
  ///   - count: The number of tensors that go in; nil where only the architecture tells.
  ///   - sources: The number of sources of the rule, which `same` compares.
  /// - Throws: ``ConversionError/layoutInvalid(_:)`` for a step that is impossible or cannot be reversed.
  fileprivate func tensorCount(
    from count: Int?, sources: Int
  ) throws(ConversionError) -> Int? {
    func one(_ name: String) throws(ConversionError) {
      guard count == nil || count == 1 else {
        throw .layoutInvalid("its \(name) has \(count ?? 0) tensors before it, but takes one")
      }
    }
    func parts(_ name: String, _ axis: Int, _ sizes: [SizeExpression]) throws(ConversionError) {
      guard axis >= 0, !sizes.isEmpty, sizes.count <= Limits.ruleNames else {
        throw .layoutInvalid(
          "its \(name) needs an axis, counted from 0, and 1 to \(Limits.ruleNames) sizes")
      }
    }
    switch self {
    case .permute(let axes):
      guard axes.sorted() == Array(axes.indices) else {
        throw .layoutInvalid(
          "its permute \(axes) cannot be reversed, as it does not name each axis from 0 on once")
      }
      return count
    case .reshape, .value: return count
    case .join(let axis, let sizes):
      try parts("join", axis, sizes)
      guard count == nil || count == sizes.count else {
        throw .layoutInvalid("its join has \(sizes.count) sizes for \(count ?? 0) tensors")
      }
      return 1
    case .split(let axis, let sizes):
      try parts("split", axis, sizes)
      try one("split")
      return sizes.count
    case .unstack(let size):
      try one("unstack")
      return Int(size.text)
    case .same:
      guard count == nil || count == sources else {
        throw .layoutInvalid(
          "its same has \(count ?? 0) tensors before it, but compares the \(sources) sources of the rule"
        )
      }
      return 1
    }
  }
}
