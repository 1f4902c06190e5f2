import HymbaFormat

/// Reads parameters of a checkpoint as 32-bit floats, by name, with the shape that the model expects.
struct ParameterReader: Sendable {
  let source: any CheckpointSource
  let jobs: Int

  /// - Throws: ``ModelError/parameterMissing(_:)``, ``ModelError/parameterShape(_:found:expected:)``,
  ///   ``ModelError/parameterType(_:_:)``, and what the source throws.
  func floats(_ name: String, _ dimensions: [Int]) throws -> [Float] {
    guard let tensor = source.tensors[name] else { throw ModelError.parameterMissing(name) }
    let expected = try Shape(dimensions)
    guard tensor.shape == expected else {
      throw ModelError.parameterShape(name, found: tensor.shape, expected: expected)
    }
    var values: [Float] = []
    values.reserveCapacity(expected.elementCount)
    let windowBytes = tensor.type.byteSize << 20
    try source.forEachWindow(of: tensor, windowBytes: windowBytes, jobs: jobs) { window in
      guard let floats = Widening.floats(window.raw, tensor.type) else {
        throw ModelError.parameterType(name, tensor.type)
      }
      values.append(contentsOf: floats)
    }
    return values
  }

  func linear(_ name: String, _ inputSize: Int, _ outputSize: Int, bias: Bool) throws -> Linear {
    Linear(
      inputSize: inputSize, outputSize: outputSize,
      weight: try floats("\(name).weight", [outputSize, inputSize]),
      bias: bias ? try floats("\(name).bias", [outputSize]) : nil)
  }

  func norm(_ name: String, _ architecture: Architecture) throws -> LayerNorm {
    LayerNorm(
      weight: try floats("\(name).weight", [architecture.hiddenSize]),
      bias: try floats("\(name).bias", [architecture.hiddenSize]),
      epsilon: Float(architecture.norm.epsilon))
  }
}
