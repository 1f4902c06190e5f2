import HymbaFormat
public import HymbaModel

/// A file with what a model should compute, under capture names, and perhaps the input.
public struct Reference: Sendable {
  public let name: String
  private let source: any CheckpointSource

  /// Opens a safetensors file.
  public init(_ path: String) throws {
    self.name = FileSystem.name(of: path)
    self.source = try naming(path) { try CheckpointFile.openSafetensors(path) }
  }

  /// The input: `input_ids` for a model of tokens, `input` for one of features; nil when it is not there.
  public func input(for architecture: Architecture) throws -> InputBatch? {
    switch architecture.input {
    case .features: return source.tensors["input"] == nil ? nil : .features(try tensor("input"))
    case .tokens:
      guard let ids = source.tensors["input_ids"] else { return nil }
      let dimensions = ids.shape.dimensions
      return .tokens(try integers(ids), batch: dimensions.count == 2 ? dimensions[0] : 1)
    }
  }

  /// 1 for each position whose next token is scored, of the shape of `input_ids`; nil when it is not there.
  func targetMask() throws -> [Bool]? {
    try source.tensors["target_mask"].map { try integers($0).map { $0 != 0 } }
  }

  /// All tensors but the input and what belongs to a classifier.
  func expectations() throws -> [String: Tensor] {
    var found: [String: Tensor] = [:]
    for descriptor in source.tensors where !Self.other.contains(descriptor.name) {
      guard descriptor.type.isFloatingPoint else { continue }
      found[descriptor.name] = try tensor(descriptor.name)
    }
    return found
  }

  private static let other: Set<String> = [
    "input", "input_ids", "labels", "target_mask", "head.weight", "head.bias",
  ]

  /// Names of tensors that `captures` does not have.
  func namesBeside(_ captures: Set<String>) -> [String] {
    source.tensors.map(\.name).filter { !captures.contains($0) && !Self.other.contains($0) }
      .sorted()
  }

  /// Classifies the model's outputs with the file's head, class = argmax(output · weightᵀ + bias), and
  /// counts how many are the file's labels.
  ///
  /// - Parameter output: [batch, hidden]
  /// - Returns: nil when the file has no head and labels.
  /// - Throws: ``ModelError/inputShape(found:expected:)`` when their shapes do not fit.
  func classify(_ output: Tensor) throws -> Classification? {
    guard let labels = source.tensors["labels"], source.tensors["head.weight"] != nil,
      source.tensors["head.bias"] != nil
    else { return nil }
    let weight = try tensor("head.weight")
    let bias = try tensor("head.bias")
    let (rows, hidden) = (output.dimensions[0], output.dimensions[1])
    guard weight.dimensions.count == 2, weight.dimensions[1] == hidden,
      bias.dimensions == [weight.dimensions[0]], labels.shape.dimensions == [rows]
    else {
      throw ModelError.inputShape(
        found: weight.dimensions + bias.dimensions + labels.shape.dimensions,
        expected: "a head [classes, \(hidden)] with its bias, and \(rows) labels")
    }
    let expected = try integers(labels)
    var correct = 0
    for row in 0..<rows {
      let scores = (0..<bias.values.count).map { index in
        (0..<hidden).reduce(Double(bias.values[index])) { sum, column in
          sum + Double(output.values[row * hidden + column])
            * Double(weight.values[index * hidden + column])
        }
      }
      let best = scores.indices.max { scores[$0] < scores[$1] }
      if best == expected[row] { correct += 1 }
    }
    return Classification(correct: correct, count: rows)
  }

  private func tensor(_ name: String) throws -> Tensor {
    try naming(source.location) { try Tensor(name, from: source) }
  }

  /// Little-endian whole numbers of any width.
  private func integers(_ tensor: TensorDescriptor) throws -> [Int] {
    guard !tensor.type.isFloatingPoint else {
      throw FileDiagnosis(source.location, ModelError.notWhole(tensor.name, tensor.type))
    }
    let bytes = try source.bytes(of: tensor)
    let size = tensor.type.byteSize
    return stride(from: 0, to: bytes.count, by: size).map { start in
      let bits = bytes[start..<start + size].reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
      return Int(truncatingIfNeeded: bits)
    }
  }
}
