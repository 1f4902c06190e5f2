import HymbaFormat

extension Limits {
  /// Bytes of a layout document: the largest here has 13 thousand.
  static let layoutBytes = 1 << 20

  /// Rules of one layout: the largest here has 36, and each tensor's name may be held against all of them.
  static let layoutRules = 1024

  /// Modules inside modules behind which a wrapper's part is looked for. Models have ten at most, and each level
  /// is one more look at the name up to there.
  static let wrappedDepth = 32

  /// Names on one side of a rule, and parts of one step; {expert} writes any number of names as one.
  static let ruleNames = 1024

  /// A size that a layout computes: the numbers of the largest model, so that the sum of all parts of a step
  /// stays far from 63 bits.
  static let layoutSize = 1 << 50

  /// Tensors that one is unstacked into: the experts of the largest model, with all three of each in one.
  static let unstackedTensors = 3 << 16
}
