package import HymbaFormat

/// What became of the tensors of one name.
package struct TensorDifference: Sendable {
  package enum Status: String, Sendable, Codable, CaseIterable {
    case same
    case changed
    case added
    case removed
    /// Another shape.
    case reshaped
    /// The same values in another type, rounded to it where it is narrower, or but for the rounding of what a GGUF file
    /// holds in their place.
    case retyped
  }

  /// A logical part of a tensor.
  package struct Part: Sendable {
    package let name: String
    package let size: ChangeSize?
    /// Nil where nothing explains the change, and where there is none.
    package let explanation: Explanation?
    package let isChanged: Bool
  }

  package let name: String
  package let status: Status
  /// The tensor of the first checkpoint; nil where there is none.
  package let a: TensorDescriptor?
  /// The tensor of the second checkpoint; nil where there is none.
  package let b: TensorDescriptor?
  /// The types in which the files store the tensors, where those are not the types of their elements.
  package let storedTypes: (a: String?, b: String?)
  /// The relative change that the blocks of a quantised tensor allow at best: the one that remains where each element is
  /// the nearest number that its block can store. Nil for a tensor that is not quantised.
  package let leastChange: Double?
  /// The size of the change; nil where the elements cannot be compared one by one.
  package let size: ChangeSize?
  /// Nil where nothing explains the change, and where there is none.
  package let explanation: Explanation?
  /// The logical parts of a changed tensor, where the explanation is about them or where there is none.
  package let parts: [Part]
  /// The explanations that were not tried, with the reason, a clause each.
  package let skipped: [String]

  init(
    _ pair: TensorPair, _ status: Status, size: ChangeSize? = nil, explanation: Explanation? = nil,
    parts: [Part] = [], skipped: [String] = [], storedTypes: (a: String?, b: String?) = (nil, nil),
    leastChange: Double? = nil
  ) {
    self.name = pair.name
    self.status = status
    self.a = pair.a
    self.b = pair.b
    self.size = size
    self.explanation = explanation
    self.parts = parts
    self.skipped = skipped
    self.storedTypes = storedTypes
    self.leastChange = leastChange
  }
}

/// The size of a change. Elements that are infinite or NaN do not count.
package struct ChangeSize: Hashable, Sendable {
  /// ||a - b|| / ||a||; nil where a is zero, or beyond what 64 bits hold.
  package let relativeChange: Double?
  /// a · b / (||a|| ||b||); nil where one of them is zero, or beyond what 64 bits hold.
  package let cosine: Double?
  /// The largest |a - b|.
  package let maxDifference: Double
  /// Elements whose values differ.
  package let differing: Int
  package let elements: Int

  init(_ moments: PairMoments) {
    let (a, b) = (moments.squaresA.squareRoot(), moments.squaresB.squareRoot())
    // The squares of very large numbers are beyond 64 bits, and those of very small ones vanish.
    func ratio(_ x: Double, _ y: Double) -> Double? {
      y > 0 && x.isFinite && y.isFinite ? x / y : nil
    }
    self.relativeChange = ratio(moments.squaresOfDifference.squareRoot(), a)
    self.cosine = ratio(moments.product, a * b).map { min(1, max(-1, $0)) }
    self.maxDifference = moments.largestDifference
    self.differing = moments.differing
    self.elements = moments.count
  }
}
