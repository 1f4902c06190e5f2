import HymbaKernels

/// The C kernels, each with its bounds checked here or, for bare addresses, by the caller.
enum Kernels {
  /// Widens `target.count` bf16 values at `words` to 32-bit floats.
  static func widenBFloat16(
    _ words: UnsafeRawPointer, into target: UnsafeMutableBufferPointer<Float>
  ) {
    guard let base = target.baseAddress else { return }
    unsafe hymba_widen_bf16(words.assumingMemoryBound(to: UInt16.self), base, target.count)
  }

  /// Widens `target.count` IEEE half-precision numbers at `words` to 32-bit floats.
  static func widenFloat16(
    _ words: UnsafeRawPointer, into target: UnsafeMutableBufferPointer<Float>
  ) {
    guard let base = target.baseAddress else { return }
    unsafe hymba_widen_f16(words.assumingMemoryBound(to: UInt16.self), base, target.count)
  }

  /// y = x · weightsᵀ for few rows: x [rows, inner], weights [outputs, inner], y [rows, outputs] with `stride`
  /// floats from one row to the next.
  static func rowsTimes(
    _ x: UnsafePointer<Float>, _ rows: Int, _ weights: UnsafePointer<Float>, _ outputs: Int,
    _ inner: Int, _ y: UnsafeMutablePointer<Float>, _ stride: Int
  ) {
    unsafe hymba_rows_times_f32(x, rows, weights, outputs, inner, y, stride)
  }

  /// The same for 16-bit weights.
  ///
  /// - Parameter isBFloat16: Whether they are bf16; otherwise they are IEEE half-precision numbers.
  static func rowsTimes(
    _ x: UnsafePointer<Float>, _ rows: Int, _ weights: UnsafePointer<UInt16>, isBFloat16: Bool, _ outputs: Int,
    _ inner: Int, _ y: UnsafeMutablePointer<Float>, _ stride: Int
  ) {
    if isBFloat16 {
      unsafe hymba_rows_times_bf16(x, rows, weights, outputs, inner, y, stride)
    } else {
      unsafe hymba_rows_times_f16(x, rows, weights, outputs, inner, y, stride)
    }
  }

  /// x * sigmoid(x), in place.
  static func silu(_ values: UnsafeMutableBufferPointer<Float>) {
    guard let base = values.baseAddress else { return }
    unsafe hymba_silu(base, values.count)
  }

  /// ln(1 + e^x), in place.
  static func softplus(_ values: UnsafeMutableBufferPointer<Float>) {
    guard let base = values.baseAddress else { return }
    unsafe hymba_softplus(base, values.count)
  }

  /// Replaces the values of `range` by their softmax.
  static func softmax(_ values: inout [Float], _ range: Range<Int>) {
    precondition(range.lowerBound >= 0 && range.upperBound <= values.count, "a range of the values")
    unsafe values.withUnsafeMutableBufferPointer { buffer in
      guard let base = buffer.baseAddress else { return }
      unsafe hymba_softmax(base + range.lowerBound, range.count)
    }
  }

  /// Replaces each row of `weight.count` values in `range` by its RMS norm.
  static func rmsNorm(
    _ values: inout [Float], _ range: Range<Int>, weight: ArraySlice<Float>, epsilon: Float
  ) {
    precondition(range.lowerBound >= 0 && range.upperBound <= values.count, "a range of the values")
    precondition(range.count.isMultiple(of: weight.count), "whole rows")
    unsafe values.withUnsafeMutableBufferPointer { buffer in
      unsafe weight.withUnsafeBufferPointer { weight in
        guard let base = buffer.baseAddress, let weights = weight.baseAddress else { return }
        unsafe hymba_rms_norm(
          base + range.lowerBound, range.count / weight.count, weight.count, weights, epsilon)
      }
    }
  }

  /// The causal convolution of one sequence.
  ///
  /// - Parameters:
  ///   - x: [rows, channels]
  ///   - history: The width - 1 rows before x, [width - 1, channels]
  ///   - weight: [width, channels]
  ///   - bias: [channels]
  ///   - y: [rows, channels]
  static func convolve(
    _ x: ArraySlice<Float>, history: ArraySlice<Float>, weight: [Float], bias: [Float]?,
    channels: Int, width: Int, into y: UnsafeMutableBufferPointer<Float>
  ) {
    precondition(
      x.count == y.count && history.count == (width - 1) * channels
        && weight.count == width * channels && bias?.count ?? channels == channels,
      "a convolution of matching shapes")
    unsafe x.withUnsafeBufferPointer { x in
      unsafe history.withUnsafeBufferPointer { history in
        unsafe weight.withUnsafeBufferPointer { weight in
          unsafe withOptional(bias) { bias in
            unsafe hymba_causal_convolution(
              x.baseAddress, history.baseAddress, x.count / channels, channels, width,
              weight.baseAddress, bias, y.baseAddress)
          }
        }
      }
    }
  }

  /// Passes the addresses of everything that a scan reads and writes to `body`. The caller has checked the
  /// shapes.
  static func scan(
    _ scan: SelectiveScan, _ x: Matrix, _ delta: Matrix, _ inputDelta: Matrix, _ b: Matrix,
    _ c: Matrix, state: inout [Float], into y: UnsafeMutableBufferPointer<Float>,
    _ body: (hymba_scan) -> Void
  ) {
    unsafe x.values.withUnsafeBufferPointer { x in
      unsafe delta.values.withUnsafeBufferPointer { delta in
        unsafe inputDelta.values.withUnsafeBufferPointer { inputValues in
          unsafe b.values.withUnsafeBufferPointer { b in
            unsafe c.values.withUnsafeBufferPointer { c in
              unsafe scan.a.withUnsafeBufferPointer { a in
                unsafe withOptional(scan.d) { d in
                  unsafe state.withUnsafeMutableBufferPointer { state in
                    unsafe body(
                      hymba_scan(
                        length: 0, channels: scan.channels, states: scan.states,
                        selection_stride: scan.heads * scan.states,
                        a: a.baseAddress, d: d, x: x.baseAddress, delta: delta.baseAddress,
                        input_delta: inputValues.baseAddress,
                        input_delta_per_channel: inputDelta.columns > 1 ? 1 : 0,
                        b: b.baseAddress, c: c.baseAddress, state: state.baseAddress,
                        y: y.baseAddress))
                  }
                }
              }
            }
          }
        }
      }
    }
  }

  /// Runs the scan of some channels of one head of one sequence of a batch.
  ///
  /// - Parameters:
  ///   - all: The addresses of the whole batch.
  ///   - range: The channels, counted over all heads.
  static func scan(
    _ all: hymba_scan, sequence: Int, length: Int, head: Int, _ range: Range<Int>
  ) {
    var scan = unsafe all
    let row = sequence * length
    let inputColumns = unsafe scan.input_delta_per_channel == 0 ? 1 : scan.channels
    unsafe scan.length = length
    unsafe scan.x += row * scan.channels
    unsafe scan.delta += row * scan.channels
    unsafe scan.input_delta += row * inputColumns
    unsafe scan.b += row * scan.selection_stride + head * scan.states
    unsafe scan.c += row * scan.selection_stride + head * scan.states
    unsafe scan.state += sequence * scan.channels * scan.states
    unsafe scan.y += row * scan.channels
    unsafe hymba_selective_scan(&scan, range.lowerBound, range.upperBound)
  }

  private static func withOptional(
    _ values: [Float]?, _ body: (UnsafePointer<Float>?) -> Void
  ) {
    guard let values else { return body(nil) }
    unsafe values.withUnsafeBufferPointer { unsafe body($0.baseAddress) }
  }
}
