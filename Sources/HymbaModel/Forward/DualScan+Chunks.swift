import HymbaKernels

extension DualScan {
  /// The number of positions of a chunk. Larger chunks spend more on the products between positions. Smaller
  /// ones multiply with the states more slowly.
  private static let chunk = Int(HYMBA_DUAL_CHUNK)
  /// The largest number of positions for which the recurrence itself is faster.
  private static let few = 8

  /// Runs the scan of some heads of one group of one sequence.
  ///
  /// - Parameters:
  ///   - all: The addresses of the whole batch.
  ///   - heads: The heads, counted over all groups.
  func run(_ all: hymba_dual_scan, sequence: Int, length: Int, heads: Range<Int>) {
    let longest = length > Self.few ? min(length, Self.chunk) : 0
    // Arrays of one chunk, which all chunks and heads use.
    var scores = [Float](repeating: 0, count: longest * longest)
    var inputs = [Float](repeating: 0, count: longest * headSize)
    var kept = inputs
    for start in stride(from: 0, to: length, by: Self.chunk) {
      let count = min(Self.chunk, length - start)
      let row = sequence * length + start
      guard count > Self.few else {
        for head in heads {
          var part = unsafe part(all, head: head, sequence: sequence, row: row, count: count)
          unsafe hymba_dual_steps(&part)
        }
        continue
      }
      // The heads share B and C, and so the products of all pairs of positions.
      let shared = unsafe part(
        all, head: heads.lowerBound, sequence: sequence, row: row, count: count)
      unsafe BLAS.multiply(
        rows: count, inner: states, columns: count, shared.c, shared.selection_stride, shared.b,
        shared.selection_stride, transposed: true, into: &scores, stride: count)
      for head in heads {
        var part = unsafe part(all, head: head, sequence: sequence, row: row, count: count)
        unsafe BLAS.multiply(
          rows: count, inner: states, columns: headSize, part.c, part.selection_stride, part.state,
          states, transposed: true, into: part.y, stride: part.stride)
        unsafe hymba_dual_chunk(&part, scores, &inputs, &kept)
        unsafe BLAS.multiply(
          rows: headSize, inner: count, columns: states, kept, count, part.b,
          part.selection_stride, transposed: false, accumulate: true, into: part.state,
          stride: states)
      }
    }
  }

  /// The scan of `count` positions of one head.
  ///
  /// - Parameter row: The first position, counted over all sequences.
  private func part(
    _ all: hymba_dual_scan, head: Int, sequence: Int, row: Int, count: Int
  ) -> hymba_dual_scan {
    var part = unsafe all
    let selection = (row * groups + head / headsOfGroup) * states
    unsafe part.length = count
    unsafe part.a = a[head]
    unsafe part.d = d[head]
    unsafe part.x += row * channels + head * headSize
    unsafe part.delta += row * heads + head
    unsafe part.b += selection
    unsafe part.c += selection
    unsafe part.state += (sequence * heads + head) * headSize * states
    unsafe part.y += row * channels + head * headSize
    return unsafe part
  }
}
