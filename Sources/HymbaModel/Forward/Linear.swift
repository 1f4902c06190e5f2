import HymbaFormat

/// A dense layer in PyTorch's orientation: y = x · weightᵀ + bias.
struct Linear: Sendable {
  let weight: StoredMatrix  // [output, input]
  let bias: [Float]?  // [output]
  /// The number of threads that share the outputs.
  let jobs: Int
  var arithmetic = Arithmetic.float32
  /// Moves the inputs and the outputs at random, in a pass that shows how far rounding carries; nil otherwise.
  var rounding: RandomRounding?

  var inputSize: Int { weight.columns }
  var outputSize: Int { weight.rows }

  /// The largest number of rows of x for which the kernels read the weights in their stored type. For more
  /// rows, a panel of weights is widened for the matrix library.
  private static let fewRows = 8
  /// The number of outputs of one panel. It is so large that the library's own copy of x costs little beside
  /// the product.
  private static let panelOutputs = 1024
  /// A number of panels that most numbers of threads divide.
  private static let panelMultiple = 4
  /// The weights of a panel that are widened at a time. They stay in the processor's cache until they are multiplied, and
  /// bound the memory where rows are very long.
  private static let partWeights = 1 << 19

  /// - Parameters:
  ///   - x: [rows, input]
  ///   - outputs: The outputs to compute; nil for all.
  ///   - activation: The function that is applied to each output.
  /// - Returns: [rows, outputs.count]
  func callAsFunction(
    _ x: Matrix, _ outputs: Range<Int>? = nil, then activation: Activation? = nil
  ) -> Matrix {
    precondition(x.columns == inputSize, "as many columns as the layer has inputs")
    let outputs = outputs ?? 0..<outputSize
    guard let rounding else { return product(x, outputs, then: activation) }
    return rounding(product(rounding(x), outputs, then: activation))
  }

  private func product(
    _ x: Matrix, _ outputs: Range<Int>, then activation: Activation?
  ) -> Matrix {
    guard arithmetic == .bfloat16, weight.type == .bfloat16 else {
      return floatProduct(x, outputs, then: activation)
    }
    let rounded = BFloat16Matrix(x)
    // Few rows wait for the weights and not for the products.
    guard x.rows > Self.fewRows, BFloat16Matrix.isMultiplied else {
      return floatProduct(rounded.widened, outputs, then: activation)
    }
    return unsafe product(x.rows, outputs, then: activation) { panel, y, stride in
      unsafe weight.multiply(panel, rounded, into: y, stride: stride)
    }
  }

  private func floatProduct(
    _ x: Matrix, _ outputs: Range<Int>, then activation: Activation?
  ) -> Matrix {
    unsafe x.values.withUnsafeBufferPointer { source in
      // Threads only read x.
      nonisolated(unsafe) let source = unsafe source
      return unsafe product(x.rows, outputs, then: activation) { panel, y, stride in
        guard let values = unsafe source.baseAddress else { return }
        unsafe multiply(values, x.rows, panel, into: y, stride: stride)
      }
    }
  }

  /// Computes the outputs panel by panel.
  ///
  /// - Parameter multiply: Computes one panel, without the bias: its outputs, the place of the first of them in row 0, and
  ///   the floats from row to row.
  /// - Returns: [rows, outputs.count]
  private func product(
    _ rows: Int, _ outputs: Range<Int>, then activation: Activation?,
    _ multiply: @Sendable (Range<Int>, UnsafeMutablePointer<Float>, Int) -> Void
  ) -> Matrix {
    let panels = panels(of: outputs, rows: rows)
    return unsafe Matrix(rows: rows, columns: outputs.count) { target in
      guard let first = target.baseAddress else { return }
      // Each panel writes its own columns.
      nonisolated(unsafe) let y = unsafe first
      Workers.shared.forEach(panels.count, jobs: jobs) { index in
        let panel = panels[index]
        let start = unsafe y + (panel.lowerBound - outputs.lowerBound)
        unsafe multiply(panel, start, outputs.count)
        unsafe finish(panel, start, rows: rows, stride: outputs.count, then: activation)
      }
    }
  }

  /// Parts of the outputs of equal size, which threads share.
  ///
  /// The matrix library may round a product otherwise where it has another size. So the parts depend on the layer
  /// alone where it computes them, and the numbers are the same with any number of threads.
  private func panels(of outputs: Range<Int>, rows: Int) -> [Range<Int>] {
    let parts: Int
    if rows * outputs.count * inputSize < 1 << 16 {
      // A small product does not take long enough for a second thread to pay.
      parts = 1
    } else if rows <= Self.fewRows, weight.multipliesFew {
      parts = jobs
    } else {
      let least = (outputs.count + Self.panelOutputs - 1) / Self.panelOutputs
      parts = (least + Self.panelMultiple - 1) / Self.panelMultiple * Self.panelMultiple
    }
    let size = (outputs.count + parts - 1) / parts
    return stride(from: outputs.lowerBound, to: outputs.upperBound, by: size).map {
      $0..<min($0 + size, outputs.upperBound)
    }
  }

  /// Parts of the inputs of equal size, whose products a panel adds up.
  private func parts(of panel: Range<Int>) -> [Range<Int>] {
    // The library also writes the zeros of a product without inputs.
    guard inputSize > 0 else { return [0..<0] }
    let largest = max(1, Self.partWeights / max(1, panel.count))
    let count = (inputSize + largest - 1) / largest
    let size = (inputSize + count - 1) / count
    return stride(from: 0, to: inputSize, by: size).map { $0..<min($0 + size, inputSize) }
  }

  /// Computes one panel of outputs.
  ///
  /// - Parameters:
  ///   - x: [rows, input]
  ///   - y: The place of the panel's first output in row 0; `stride` floats from row to row.
  private func multiply(
    _ x: UnsafePointer<Float>, _ rows: Int, _ panel: Range<Int>,
    into y: UnsafeMutablePointer<Float>, stride: Int
  ) {
    let done =
      unsafe rows <= Self.fewRows
      && weight.multiplyFew(panel, x, count: rows, into: y, stride: stride)
    guard !done else { return }
    for part in parts(of: panel) {
      unsafe weight.withFloats(panel, part: part) { weights, weightStride in
        unsafe BLAS.multiply(
          rows: rows, inner: part.count, columns: panel.count, x + part.lowerBound, inputSize, weights, weightStride,
          transposed: true, accumulate: part.lowerBound > 0, into: y, stride: stride)
      }
    }
  }

  /// Adds the bias to a panel of outputs and applies the activation.
  private func finish(
    _ panel: Range<Int>, _ y: UnsafeMutablePointer<Float>, rows: Int, stride: Int,
    then activation: Activation?
  ) {
    for row in 0..<rows {
      let outputs = unsafe UnsafeMutableBufferPointer(start: y + row * stride, count: panel.count)
      if let bias {
        for index in outputs.indices { unsafe outputs[index] += bias[panel.lowerBound + index] }
      }
      unsafe activation?.apply(to: outputs)
    }
  }
}
