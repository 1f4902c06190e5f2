import HymbaFormat

extension TensorView {
  /// Reads elements from wherever they lie.
  /// - Parameter range: Positions of the elements in row-major order.
  /// - Returns: The elements, dense and little-endian: `range.count` · `width` bytes.
  /// - Throws: The errors of ``bytes``.
  func gather(_ range: Range<Int>) throws -> [UInt8] {
    var reader = SpanReader(bytes)
    var elements = [UInt8](repeating: 0, count: range.count * width)
    for box in boxes(range) { try copy(box, to: &elements, through: &reader) }
    return elements
  }

  /// A rectangular part of the tensor.
  private struct Box {
    /// The element at which the box begins, in the source and in the result.
    var source: Int
    var target: Int
    /// The dimensions, from the longest stride in the source to the shortest, so that the source is read
    /// forwards.
    var axes: [Axis]
  }

  /// One dimension of a box. Strides are in elements.
  private struct Axis {
    let count: Int
    let sourceStride: Int
    let targetStride: Int
  }

  /// Splits a range of the row-major order into boxes. Along each dimension, such a range is the rest of a row,
  /// then whole rows, then the beginning of a row.
  /// - Returns: At most 2 · rank + 1 boxes.
  private func boxes(_ range: Range<Int>) -> [Box] {
    let rowElements = Self.rowMajorStrides(shape)
    var boxes: [Box] = []
    // `source` and `target` are the positions of the sub-tensor's first element; `range` counts from that
    // element.
    func split(_ axis: Int, _ range: Range<Int>, source: Int, target: Int) {
      guard !range.isEmpty else { return }
      guard axis < shape.rank else {
        boxes.append(Box(source: source, target: target, axes: []))
        return
      }
      let row = rowElements[axis]
      var first = range.lowerBound / row
      let last = range.upperBound / row
      let (head, tail) = (range.lowerBound % row, range.upperBound % row)
      func part(_ index: Int, _ range: Range<Int>) {
        split(
          axis + 1, range, source: source + index * strides[axis], target: target + index * row)
      }
      if first == last { return part(first, head..<tail) }
      if head > 0 {
        part(first, head..<row)
        first += 1
      }
      if first < last {
        let axes = (axis..<shape.rank).map { inner in
          Axis(
            count: inner == axis ? last - first : shape.dimensions[inner],
            sourceStride: strides[inner], targetStride: rowElements[inner])
        }
        boxes.append(
          Box(
            source: source + first * strides[axis], target: target + first * row,
            axes: axes.sorted { $0.sourceStride > $1.sourceStride }))
      }
      part(last, 0..<tail)
    }
    split(0, range, source: 0, target: 0)
    // So far, targets count from the tensor's first element. From here on they count from the range's.
    return boxes.map { box in
      var box = box
      box.target -= range.lowerBound
      return box
    }
  }

  /// Copies the elements of a box, one run along the innermost axis at a time.
  private func copy(
    _ box: Box, to elements: inout [UInt8], through reader: inout SpanReader
  ) throws {
    guard let inner = box.axes.last else {
      return try copyRun(
        Axis(count: 1, sourceStride: 1, targetStride: 1), box.source, box.target, &elements,
        &reader)
    }
    var index = [Int](repeating: 0, count: box.axes.count - 1)
    var (source, target) = (box.source, box.target)
    while true {
      try copyRun(inner, source, target, &elements, &reader)
      // Go to the next index, as an odometer does.
      var axis = index.count - 1
      while axis >= 0 {
        let (count, sourceStride, targetStride) = (
          box.axes[axis].count, box.axes[axis].sourceStride, box.axes[axis].targetStride
        )
        index[axis] += 1
        source += sourceStride
        target += targetStride
        if index[axis] < count { break }
        source -= count * sourceStride
        target -= count * targetStride
        index[axis] = 0
        axis -= 1
      }
      guard axis >= 0 else { return }
    }
  }

  /// Copies the elements along one axis. Reverses the bytes of big-endian ones.
  private func copyRun(
    _ axis: Axis, _ source: Int, _ target: Int, _ elements: inout [UInt8],
    _ reader: inout SpanReader
  ) throws {
    let most = max(1, SpanReader.byteLimit / max(1, axis.sourceStride.multiplied(by: width)))
    var done = 0
    while done < axis.count {
      let count = min(most, axis.count - done)
      let place = try reader.load(
        start + (source + done * axis.sourceStride) * width,
        count: ((count - 1) * axis.sourceStride + 1) * width)
      for element in 0..<count {
        let from = place + element * axis.sourceStride * width
        let to = (target + (done + element) * axis.targetStride) * width
        for byte in 0..<width {
          let turned = byte - 2 * (byte % swapWidth) + swapWidth - 1
          elements[to + byte] = reader.window[from + (isSwapped ? turned : byte)]
        }
      }
      done += count
    }
  }
}

extension Int {
  /// The product, or `Int.max` on overflow.
  fileprivate func multiplied(by other: Int) -> Int {
    let (product, overflow) = multipliedReportingOverflow(by: other)
    return overflow ? .max : product
  }
}

/// Reads short byte ranges that mostly follow one another, through a window in memory.
private struct SpanReader {
  private let bytes: any ByteSource
  private(set) var window: [UInt8] = []
  private var start = 0

  /// The most bytes that are read at once.
  static let byteLimit = 64 << 10
  /// A range that begins less than this many bytes after the window counts as sequential: then a full window is
  /// read from there. After a longer jump, only the range itself is read.
  private static let nearBytes = 4 << 10

  init(_ bytes: any ByteSource) { self.bytes = bytes }

  /// Makes sure that `count` bytes from byte `offset` on are in ``window``.
  /// - Returns: Their position in ``window``.
  mutating func load(_ offset: Int, count: Int) throws -> Int {
    let end = start + window.count
    if offset >= start, offset + count <= end { return offset - start }
    let isNear = !window.isEmpty && offset >= start && offset - end < Self.nearBytes
    let wanted = isNear ? max(count, Self.byteLimit) : count
    window = try [UInt8](count: min(wanted, bytes.byteCount - offset)) {
      try bytes.read(at: offset, into: &$0)
    }
    start = offset
    return 0
  }
}
