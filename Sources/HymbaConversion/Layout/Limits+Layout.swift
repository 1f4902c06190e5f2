import HymbaFormat

extension Limits {
  /// The largest layout document that is read, in bytes. The largest built-in one has 9 thousand.
  static let layoutBytes = 1 << 20

  /// The largest number of rules of one layout. The largest built-in one has 45. The name of each tensor may be
  /// compared with all rules.
  static let layoutRules = 1024

  /// The deepest nesting of modules at which parts of wrappers are looked for. Models have at most ten levels.
  /// Each level costs one more look at the beginning of the name.
  static let wrappedDepth = 32

  /// The largest number of names on one side of a rule, and of sizes of one step. A name with `{expert}` counts
  /// as one.
  static let ruleNames = 1024

  /// The largest size that a layout may compute: the number of parameters of the largest model. With it, the
  /// sum of all sizes of a step stays far below 63 bits.
  static let layoutSize = 1 << 50

  /// The largest number of tensors that one tensor is unstacked into. It allows for the experts of the largest
  /// model, with the three tensors of each expert in one stack.
  static let unstackedTensors = 3 << 16
}
