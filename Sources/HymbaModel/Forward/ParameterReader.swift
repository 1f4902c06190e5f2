import HymbaFormat

/// Reads parameters of a checkpoint as 32-bit floats, by name, with the shape that the model expects.
struct ParameterReader: Sendable {
  let source: any CheckpointSource
  let jobs: Int

  /// - Throws: ``ModelError/parameterMissing(_:)``, ``ModelError/parameterShape(_:found:expected:)``,
  ///   ``ModelError/parameterType(_:_:)``, and what the source throws.
  func floats(_ name: String, _ dimensions: [Int]) throws -> [Float] {
    let tensor = try descriptor(name, dimensions)
    guard tensor.type.isFloatingPoint else { throw ModelError.parameterType(name, tensor.type) }
    let count = tensor.shape.elementCount
    let windowElements = 1 << 20
    let windows = (count + windowElements - 1) / windowElements
    let values = try unsafe [Float](unsafeUninitializedCapacity: count) { buffer, initialized in
      // Each window is its own part of the buffer, so that threads write side by side.
      nonisolated(unsafe) let buffer = unsafe buffer
      _ = try Parallel.map(count: windows, jobs: jobs) { window in
        let first = window * windowElements
        let size = min(windowElements, count - first)
        let bytes = try [UInt8](count: size * tensor.type.byteSize) {
          try source.read(tensor, from: first * tensor.type.byteSize, into: &$0)
        }
        unsafe Widening.widen(
          bytes.raw, tensor.type,
          into: UnsafeMutableBufferPointer(rebasing: buffer[first..<first + size]))
        return size
      }
      initialized = count
    }
    return values
  }

  func linear(_ name: String, _ inputSize: Int, _ outputSize: Int, bias: Bool) throws -> Linear {
    Linear(
      inputSize: inputSize, outputSize: outputSize,
      weight: try floats("\(name).weight", [outputSize, inputSize]),
      bias: bias ? try floats("\(name).bias", [outputSize]) : nil)
  }

  /// The norm of the residual stream.
  func norm(_ name: String, _ architecture: Architecture) throws -> NormLayer {
    let size = [architecture.hiddenSize]
    let weight = try floats("\(name).weight", size)
    let epsilon = Float(architecture.norm.epsilon)
    switch architecture.norm.kind {
    case .layerNorm:
      return .layer(
        LayerNorm(weight: weight, bias: try floats("\(name).bias", size), epsilon: epsilon))
    case .rmsNorm: return .rms(RMSNorm(weight: weight, epsilon: epsilon))
    }
  }

  func rmsNorm(_ name: String, _ size: Int, epsilon: Double) throws -> RMSNorm {
    RMSNorm(weight: try floats("\(name).weight", [size]), epsilon: Float(epsilon))
  }

  /// Passes all rows of a matrix to `body` in windows, as 32-bit floats, with the row that each begins at.
  func forEachRows(
    _ name: String, _ dimensions: [Int], _ body: (_ first: Int, _ rows: [Float]) throws -> Void
  ) throws {
    let tensor = try descriptor(name, dimensions)
    let rowBytes = dimensions[1] * tensor.type.byteSize
    let windowBytes = max(1, (tensor.type.byteSize << 20) / rowBytes) * rowBytes
    var first = 0
    try source.forEachWindow(of: tensor, windowBytes: windowBytes, jobs: jobs) { window in
      guard let floats = Widening.floats(window.raw, tensor.type) else {
        throw ModelError.parameterType(name, tensor.type)
      }
      try body(first, floats)
      first += window.count / rowBytes
    }
  }

  private func descriptor(_ name: String, _ dimensions: [Int]) throws -> TensorDescriptor {
    guard let tensor = source.tensors[name] else { throw ModelError.parameterMissing(name) }
    let expected = try Shape(dimensions)
    guard tensor.shape == expected else {
      throw ModelError.parameterShape(name, found: tensor.shape, expected: expected)
    }
    return tensor
  }
}
