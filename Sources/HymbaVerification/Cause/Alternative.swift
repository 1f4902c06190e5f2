import HymbaFormat
import HymbaModel

/// One way in which the model may have been meant: a change of its description, of its parameters, or of both.
struct Alternative: Sendable {
  let kind: Cause.Kind
  /// The option whose values several alternatives try; nil where the alternative is a case of its own.
  let option: String?
  /// The value of the option, or else the change as a clause.
  let text: String
  /// Changes the description.
  var describe: @Sendable (inout ModelDraft) -> Void = { _ in }
  /// Changes parameters, by name. A parameter that the model does not have is passed over. Nil means that the
  /// change is not possible with the stored values.
  var change: [String: @Sendable (Tensor) -> Tensor?] = [:]
  /// The parameters that are read in place of others: the name that is read, by the name that is wanted.
  var replace: [String: String] = [:]
  /// The groups of the gated norms; nil for those of the description.
  var normGroups: Int?

  /// An alternative value of an option.
  init(
    _ kind: Cause.Kind, _ option: String, is value: String,
    _ describe: @escaping @Sendable (inout ModelDraft) -> Void
  ) {
    self.kind = kind
    self.option = option
    self.text = value
    self.describe = describe
  }

  /// An alternative that is no value of an option.
  init(
    _ kind: Cause.Kind, _ text: String,
    _ describe: @escaping @Sendable (inout ModelDraft) -> Void = { _ in }
  ) {
    self.kind = kind
    self.option = nil
    self.text = text
    self.describe = describe
  }

  /// An alternative that changes parameters.
  init(
    _ kind: Cause.Kind, _ text: String, changing change: [String: @Sendable (Tensor) -> Tensor?]
  ) {
    self.init(kind, text)
    self.change = change
  }

  /// An alternative that exchanges pairs of parameters.
  init(_ kind: Cause.Kind, _ text: String, swapping pairs: [(String, String)]) {
    self.init(kind, text)
    for (first, second) in pairs {
      replace[first] = second
      replace[second] = first
    }
  }

  /// The model with this change.
  ///
  /// - Parameter layer: The layer that is changed; nil for the ends of the model.
  /// - Returns: Nil where the stored parameters do not allow the change.
  /// - Throws: ``ModelError`` where no model can be so, and the errors of reading the parameters.
  func applied(
    to architecture: Architecture, layer: Int?, _ parameters: any CheckpointSource, jobs: Int
  ) throws -> ForwardPass? {
    var draft = ModelDraft(architecture, layer: layer)
    describe(&draft)
    guard let source = try AlteredSource(parameters, changing: change, replacing: replace) else {
      return nil
    }
    return ForwardPass(
      try draft.applied(to: architecture, layer: layer), parameters: source, jobs: jobs
    ).groupingNorms(by: normGroups)
  }
}

/// A factor that is not known and is fitted to the reference.
struct FittedFactor: Sendable {
  /// The alternative with a factor. 1 is the model as it is.
  let alternative: @Sendable (Double) -> Alternative

  /// A factor of an option that the model has.
  ///
  /// - Parameter set: Changes the option to a value.
  init(
    _ kind: Cause.Kind, _ option: String, now value: Double,
    _ set: @escaping @Sendable (inout ModelDraft, Double) -> Void
  ) {
    self.alternative = { factor in
      let new = value * factor
      return Alternative(kind, option, is: new.optionText) { set(&$0, new) }
    }
  }

  /// A factor of the result of a part, for which the model has no option.
  ///
  /// - Parameter part: The part, as in `the result of attention`.
  init(
    of part: String, _ set: @escaping @Sendable (inout ModelDraft, Double) -> Void
  ) {
    self.alternative = { factor in
      Alternative(.multiplier, "\(part) is multiplied by \(factor.optionText)") {
        set(&$0, factor)
      }
    }
  }

  /// The same, by the parameters.
  init(of part: String, scaling names: [String]) {
    self.alternative = { factor in
      let scale: @Sendable (Tensor) -> Tensor? = { tensor in tensor.mapped { $0 * Float(factor) } }
      return Alternative(
        .multiplier, "\(part) is multiplied by \(factor.optionText)",
        changing: Dictionary(uniqueKeysWithValues: names.map { ($0, scale) }))
    }
  }
}

extension Double {
  /// A factor left out, and applied twice: the value that is shown, and the one that is set.
  var misuses: [(shown: Double, new: Double?)] { [(1, nil), (self * self, self * self)] }
}
