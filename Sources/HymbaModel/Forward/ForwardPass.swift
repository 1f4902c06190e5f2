public import HymbaFormat

/// The whole model on the CPU: 32-bit arithmetic whatever the stored type, one layer's weights in memory
/// at a time.
public struct ForwardPass: Sendable {
  public let architecture: Architecture
  private let reader: ParameterReader

  /// - Parameters:
  ///   - parameters: The checkpoint, under our parameter names.
  ///   - jobs: Threads for matrix products and for decoding weights.
  public init(_ architecture: Architecture, parameters: any CheckpointSource, jobs: Int) {
    self.architecture = architecture
    self.reader = ParameterReader(source: parameters, jobs: jobs)
    BLAS.setThreads(jobs)
  }

  /// Computes the model's output.
  ///
  /// - Parameters:
  ///   - input: [batch, seq, features], any batch and length above 0
  ///   - capture: Is given each intermediate result, in the order of computation: [batch, length, width],
  ///     the meta positions included where they are prepended, except for ``Capture/lastHiddenState`` and
  ///     ``Capture/output``.
  /// - Returns: [batch, hidden]
  /// - Throws: ``ModelError/inputShape(found:expected:)``, a parameter that is missing or has another shape
  ///   or type, what the source throws, and what `capture` throws.
  @discardableResult
  public func run(
    _ input: Tensor, capture: (Capture, Tensor) throws -> Void = { _, _ in }
  ) throws -> Tensor {
    let (batch, sequence) = try shape(of: input)
    let hidden = architecture.hiddenSize
    let meta = architecture.metaTokens.prependedCount
    let length = meta + sequence
    func keep(_ what: Capture, _ matrix: Matrix) throws {
      try capture(what, Tensor([batch, matrix.rows / batch, matrix.columns], matrix.values))
    }

    var h = try embed(input, batch: batch, sequence: sequence)  // [batch * length, hidden]
    try keep(.hiddenStates(0), h)
    for index in architecture.layers.indices {
      let layer = try HymbaLayer(index, architecture, reader)
      h = try layer(h, batch: batch, length: length, capture: keep)
      try keep(.hiddenStates(index + 1), h)
    }

    let normed = try reader.norm("final_norm", architecture)(h)
    var last: [Float] = []  // [batch * seq, hidden]
    for row in 0..<batch {
      last += normed.values[(row * length + meta) * hidden..<(row + 1) * length * hidden]
    }
    try keep(.lastHiddenState, Matrix(rows: batch * sequence, columns: hidden, values: last))
    let output = Tensor(
      [batch, hidden],
      (0..<batch).flatMap { row in
        last[((row + 1) * sequence - 1) * hidden..<(row + 1) * sequence * hidden]
      })
    try capture(.output, output)
    return output
  }

  /// The input projection, and the learned tokens in front where the architecture has them there.
  private func embed(_ input: Tensor, batch: Int, sequence: Int) throws -> Matrix {
    let hidden = architecture.hiddenSize
    let size = architecture.input.size
    var x = Matrix(rows: batch * sequence, columns: size, values: input.values)
    if size != hidden {
      x = try reader.linear("input_projection", size, hidden, bias: true)(x)
    }
    let meta = architecture.metaTokens.prependedCount
    guard meta > 0 else { return x }
    let tokens = try reader.floats("meta_tokens", [meta, hidden])
    var rows: [Float] = []
    rows.reserveCapacity(batch * (meta + sequence) * hidden)
    for row in 0..<batch {
      rows += tokens
      rows += x.values[row * sequence * hidden..<(row + 1) * sequence * hidden]
    }
    return Matrix(rows: batch * (meta + sequence), columns: hidden, values: rows)
  }

  /// Batch and length of an input.
  /// - Throws: ``ModelError/inputShape(found:expected:)`` when it is none for this model.
  public func shape(of input: Tensor) throws(ModelError) -> (batch: Int, sequence: Int) {
    let size = architecture.input.size
    guard input.dimensions.count == 3, input.dimensions[2] == size, input.dimensions[0] > 0,
      input.dimensions[1] > 0
    else {
      throw .inputShape(found: input.dimensions, expected: "[batch, positions, \(size)]")
    }
    return (input.dimensions[0], input.dimensions[1])
  }
}
