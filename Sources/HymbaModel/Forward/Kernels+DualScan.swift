import HymbaKernels

extension Kernels {
  /// Passes the addresses of everything that a scan reads and writes to `body`: those of the first head of
  /// the first sequence, without positions. The caller has checked the shapes.
  static func scan(
    _ scan: DualScan, _ x: Matrix, _ delta: Matrix, _ b: Matrix, _ c: Matrix,
    state: inout [Float], into y: UnsafeMutableBufferPointer<Float>,
    _ body: (hymba_dual_scan) -> Void
  ) {
    unsafe x.values.withUnsafeBufferPointer { x in
      unsafe delta.values.withUnsafeBufferPointer { delta in
        unsafe b.values.withUnsafeBufferPointer { b in
          unsafe c.values.withUnsafeBufferPointer { c in
            unsafe state.withUnsafeMutableBufferPointer { state in
              unsafe body(
                hymba_dual_scan(
                  length: 0, size: scan.headSize, states: scan.states, stride: scan.channels,
                  delta_stride: scan.heads, selection_stride: scan.groups * scan.states, a: 0, d: 0,
                  x: x.baseAddress, delta: delta.baseAddress, b: b.baseAddress, c: c.baseAddress,
                  state: state.baseAddress, y: y.baseAddress))
            }
          }
        }
      }
    }
  }
}
