import HymbaFormat
import HymbaModel

/// A linear classifier on a model's output, class = argmax(output · weightᵀ + bias), with the expected class of
/// each sequence.
struct Classifier {
  /// [classes, hidden]
  private let weight: Tensor
  /// [classes]
  private let bias: Tensor
  /// [batch]
  private let labels: [Int]

  /// Reads the head and the labels of a reference, for outputs [batch, hidden].
  ///
  /// - Returns: Nil when the file does not have them all.
  /// - Throws: ``ModelError/tensorShape(_:found:expected:)`` when their shapes do not fit, and the errors of
  ///   reading them.
  init?(_ reference: Reference, batch: Int, hidden: Int) throws {
    guard let labels = reference.shape(of: "labels"),
      let weight = reference.shape(of: "head.weight"), let bias = reference.shape(of: "head.bias")
    else { return nil }
    func require(_ name: String, _ found: [Int], _ expected: [Int], _ text: String) throws {
      guard found == expected else {
        throw FileDiagnosis(
          reference.location, ModelError.tensorShape(name, found: found, expected: text))
      }
    }
    let classes = weight.first ?? 0
    try require("head.weight", weight, [classes, hidden], "[classes, \(hidden)]")
    try require("head.bias", bias, [classes], "[\(classes)], one for each class of the head")
    try require("labels", labels, [batch], "[\(batch)], one for each sequence of the input")
    self.weight = try reference.tensor("head.weight")
    self.bias = try reference.tensor("head.bias")
    self.labels = try reference.integers("labels")
  }

  /// Counts the outputs whose class is their label.
  /// - Parameter output: [batch, hidden]
  func classify(_ output: Tensor) -> Classification {
    let hidden = weight.dimensions[1]
    var correct = 0
    for (row, label) in labels.enumerated() {
      let scores = bias.values.indices.map { index in
        (0..<hidden).reduce(Double(bias.values[index])) { sum, column in
          sum + Double(output.values[row * hidden + column])
            * Double(weight.values[index * hidden + column])
        }
      }
      if scores.indices.max(by: { scores[$0] < scores[$1] }) == label { correct += 1 }
    }
    return Classification(correct: correct, count: labels.count)
  }
}
