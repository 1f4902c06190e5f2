import Synchronization

extension CheckpointSource {
  /// Passes the bytes of tensors to `body`, tensor after tensor, a window at a time, while the next windows are
  /// read and decoded. A tensor without elements has one window without bytes.
  ///
  /// Each tensor is read once, and whole: what is damaged is an error at the tensor's end, behind some or all of its
  /// windows. Memory: twice `jobs` windows, or 64 MB if that is less.
  ///
  /// - Parameter windowElements: Elements of a window, at least one; the last one of a tensor may have fewer.
  /// - Throws: What `body` throws, and what reading throws, with ``location`` in front.
  package func forEachWindow(
    of tensors: [TensorDescriptor], windowElements: Int = TensorWindow.elements, jobs: Int,
    _ body: (TensorWindow) throws -> Void
  ) throws {
    try forEachBatch(of: tensors, windowElements: windowElements, jobs: jobs) { windows in
      for window in windows { try body(window) }
    }
  }

  /// The same, with up to `jobs` full windows, or as many bytes in more windows, passed at a time.
  func forEachBatch(
    of tensors: [TensorDescriptor], windowElements: Int = TensorWindow.elements, jobs: Int,
    _ body: ([TensorWindow]) throws -> Void
  ) throws {
    try forEachBatch(
      of: tensors, windowElements: windowElements, jobs: jobs,
      open: { try self.reading(of: $0, .whole) }, body)
  }

  /// The same with readings that `open` begins.
  func forEachBatch(
    of tensors: [TensorDescriptor], windowElements: Int = TensorWindow.elements, jobs: Int,
    open: @escaping @Sendable (TensorDescriptor) throws -> any TensorReading,
    _ body: ([TensorWindow]) throws -> Void
  ) throws {
    let batches = WindowBatches(tensors, pieceElements: windowElements, jobs: jobs) { tensor in
      let reading = try open(tensor)
      return (reading, reading.windowBytes)
    }
    var cutter = WindowCutter(windowElements: windowElements)
    try ReadAhead.forEach(jobs: jobs) { _, parts -> ReadPieces? in
      // Damage in what is read is not to be told of what is written meanwhile.
      guard let pieces = try naming(location, { try batches.next() }) else { return nil }
      let read = ReadPieces(pieces)
      parts.add(
        pieces.indices.map { index in
          { try naming(self.location) { try read.read(index) } }
        })
      return read
    } _: { read in
      var windows: [TensorWindow] = []
      for (piece, bytes) in read.take() { windows += cutter.cut(piece, bytes) }
      if !windows.isEmpty { try body(windows) }
    }
  }

  /// SHA-256 of the tensor's logical bytes.
  ///
  /// - Parameter progress: Is told the bytes that were hashed since the last call.
  public func digest(
    of tensor: TensorDescriptor, jobs: Int, progress: (Int) -> Void = { _ in }
  ) throws -> SHA256Digest {
    var hasher = SHA256Hasher()
    try forEachWindow(of: [tensor], jobs: jobs) { window in
      hasher.update(window.bytes.raw)
      progress(window.bytes.count)
    }
    return hasher.finalize()
  }
}

/// Some bytes of a tensor, on their way through a reader.
package struct TensorWindow: Sendable {
  package let tensor: TensorDescriptor
  /// Where the bytes begin in the tensor.
  package let offset: Int
  package let bytes: [UInt8]

  /// Whether the tensor ends with it.
  package var isLast: Bool { offset + bytes.count == tensor.byteCount }

  /// Elements of a window where nothing else is asked for.
  package static let elements = 1 << 20
}

private typealias TensorPiece = WindowBatches<any TensorReading>.Piece

/// A batch while it is read.
private final class ReadPieces: Sendable {
  private let pieces: [TensorPiece]
  private let bytes: Mutex<[[UInt8]]>

  init(_ pieces: [TensorPiece]) {
    self.pieces = pieces
    self.bytes = Mutex([[UInt8]](repeating: [], count: pieces.count))
  }

  func read(_ index: Int) throws {
    let piece = pieces[index]
    let read = try [UInt8](count: piece.range.count) {
      try piece.reading.read(from: piece.range.lowerBound, into: &$0)
    }
    bytes.withLock { $0[index] = read }
  }

  /// The pieces with their bytes, which are not kept.
  func take() -> [(TensorPiece, [UInt8])] {
    bytes.withLock { bytes in
      defer { bytes = [] }
      return Array(zip(pieces, bytes))
    }
  }
}

/// Makes windows of a size of pieces of another one.
private struct WindowCutter {
  private let windowElements: Int
  /// Bytes of the tensor that are in no window yet, and where they begin.
  private var rest: [UInt8] = []
  private var offset = 0

  init(windowElements: Int) {
    self.windowElements = WindowBatches<any TensorReading>.elements(windowElements)
  }

  /// The windows that a piece completes. Pieces come in order.
  mutating func cut(_ piece: TensorPiece, _ bytes: [UInt8]) -> [TensorWindow] {
    let windowBytes = windowElements * piece.tensor.type.byteSize
    let isLast = piece.range.upperBound == piece.tensor.byteCount
    // As a rule a piece is a window.
    if rest.isEmpty, bytes.count == windowBytes || isLast && bytes.count < windowBytes {
      offset = isLast ? 0 : piece.range.upperBound
      return [TensorWindow(tensor: piece.tensor, offset: piece.range.lowerBound, bytes: bytes)]
    }
    rest += bytes
    var windows: [TensorWindow] = []
    var start = 0
    while rest.count - start >= windowBytes || isLast && start < rest.count {
      let end = min(start + windowBytes, rest.count)
      windows.append(
        TensorWindow(tensor: piece.tensor, offset: offset + start, bytes: Array(rest[start..<end])))
      start = end
    }
    rest.removeFirst(start)
    offset = isLast ? 0 : offset + start
    return windows
  }
}
