import HymbaConversion
import HymbaFormat
import HymbaTerminal

/// What a conversion would do, for people: for every tensor its shape, the steps, and the parameter it becomes.
struct DryRunText {
  let model: OpenedModel

  init(_ model: OpenedModel) { self.model = model }

  /// - Parameter output: The container that would be written; nil where none was named.
  func lines(output: String?) -> [String] {
    var lines = ["\(model.location.printable): layout \(model.layout.text), as \(model.reason.printable)"]
    lines += model.mapping.map(line)
    for name in model.description.carried {
      lines.append("  \(name.printable)\(shape(of: name)) is carried, not used")
    }
    if model.mapping.isEmpty { lines.append("  every tensor keeps its name") }
    let tensors = model.parameters.tensors
    let size =
      "\(String.counted(tensors.count, "tensor")), \(tensors.totalElements.groupedText) parameters, \(tensors.totalBytes.byteText) before compression"
    lines.append(output.map { "would write \($0.printable): \(size)" } ?? "would write \(size)")
    return lines
  }

  private func line(_ mapping: TensorMapping) -> String {
    let from = zip(mapping.from, mapping.shapes).map { name, shape in
      name.printable + (shape.map { " \($0)" } ?? "")
    }
    let to = mapping.to.map { $0.printable + shape(of: $0) }
    let steps = mapping.steps.map { $0 + " -> " }.joined()
    return "  \(from.joined(separator: " + ")) -> \(steps)\(to.joined(separator: " + "))"
  }

  /// The shape of a parameter behind its name.
  private func shape(of name: String) -> String {
    model.parameters.tensors[name].map { " \($0.shape)" } ?? ""
  }
}
