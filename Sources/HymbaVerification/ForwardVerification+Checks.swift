import HymbaFormat
import HymbaModel

extension ForwardVerification {
  /// The check of a container whose tensors all agreed with their digests.
  static func integrity(of container: ContainerSource) -> Check {
    let attachments = container.manifest.attachments.count
    let parts =
      attachments == 0
      ? " and \(container.tensors.count) tensors"
      : ", \(container.tensors.count) tensors and \(attachments == 1 ? "1 attachment" : "\(attachments) attachments")"
    return Check(
      "container", passed: true, "\(container.framing)\(parts) have the digests they were written with")
  }

  static func shapes(
    _ run: ForwardRun, _ input: InputBatch, _ architecture: Architecture
  ) -> Check {
    let batch = input.batch
    let length = architecture.metaTokens.prependedCount + input.length
    let expected = [batch, length, architecture.hiddenSize]
    let wrong = run.layers.first { $0.outputShape != expected }
    let output = architecture.outputDimensions(batch: batch, length: input.length)
    if let wrong {
      return Check(
        "shapes", passed: false,
        "layer \(wrong.index) gives \(wrong.outputShape) instead of \(expected)")
    }
    guard run.output.dimensions == output else {
      return Check(
        "shapes", passed: false, "the output is \(run.output.dimensions) instead of \(output)")
    }
    return Check(
      "shapes", passed: true,
      "\(run.layers.count) layers give \(expected), the output is \(output)")
  }

  /// - Parameter cause: What explains values that are NaN or infinite. They are then no failure of this check.
  static func outputs(_ run: ForwardRun, cause: String?) -> Check {
    guard let first = run.firstNotFinite else {
      return Check("outputs", passed: true, "all finite")
    }
    let detail = "NaN or infinite values, first in order of computation in \(first)"
    return cause.map { Check("outputs", .notJudged, "\(detail), as \($0)") }
      ?? Check("outputs", passed: false, detail)
  }

  static func gates(_ layers: [LayerReport]) -> Check? {
    let gates = layers.compactMap { layer in layer.gate.map { (layer.index, $0) } }
    guard !gates.isEmpty else { return nil }
    if let (index, gate) = gates.first(where: { !$0.1.isWithinUnitInterval }) {
      // NaN in a gate comes from NaN before it, which is a failure of the numbers or the outputs.
      return gate.mean.isNaN
        ? Check("gates", .notJudged, "the gate of layer \(index) has values that are no numbers")
        : Check(
          "gates", passed: false,
          "the gate of layer \(index) reaches from \(gate.min.shortText) to \(gate.max.shortText)")
    }
    let saturated = gates.map { $0.1.below005 + $0.1.above095 }.max() ?? 0
    let percent = Int((saturated * 100).rounded())
    return Check(
      "gates", passed: true,
      "within [0, 1] in all layers; at most \(percent) % of a layer saturated")
  }
}
