import Synchronization

extension CheckpointSource {
  /// Passes the bytes of tensors to `body`, tensor after tensor, a window at a time. Meanwhile the next windows
  /// are read and decoded. A tensor without elements has one window without bytes.
  ///
  /// Damage is found only when the whole tensor has been read: the error comes at the tensor's end, after some
  /// or all of its windows were passed.
  ///
  /// - Parameter windowElements: Elements of a window, at least one. A tensor's last window may have fewer.
  /// - Throws: What `body` throws, and what reading throws, with ``location`` in front.
  /// - Complexity: Reads each tensor once. Memory: at most twice `jobs` windows, or 64 MB if that is less.
  package func forEachWindow(
    of tensors: [TensorDescriptor], windowElements: Int = TensorWindow.elements, jobs: Int,
    _ body: (TensorWindow) throws -> Void
  ) throws {
    try forEachBatch(of: tensors, windowElements: windowElements, jobs: jobs) { windows in
      for window in windows { try body(window) }
    }
  }

  /// Does what ``forEachWindow(of:windowElements:jobs:_:)`` does, but passes a batch of windows at a time: up
  /// to `jobs` full windows, or more smaller ones with as many elements.
  func forEachBatch(
    of tensors: [TensorDescriptor], windowElements: Int = TensorWindow.elements, jobs: Int,
    _ body: ([TensorWindow]) throws -> Void
  ) throws {
    try forEachBatch(
      of: tensors, windowElements: windowElements, jobs: jobs,
      open: { try self.reading(of: $0, .whole) }, body)
  }

  /// Does the same with readings that `open` begins.
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
      // The location is put here, so that damage in this source is not blamed on the file that is written.
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

  /// The SHA-256 digest of the tensor's logical bytes: dense, row-major, little-endian.
  ///
  /// - Parameters:
  ///   - tensor: One of ``tensors``.
  ///   - jobs: The number of windows that are read and decoded at once.
  ///   - progress: Is told the bytes that were hashed since the last call.
  /// - Throws: What reading the tensor throws, with ``location`` in front.
  /// - Complexity: Reads the tensor once.
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

/// A window: consecutive bytes of a tensor that were read.
package struct TensorWindow: Sendable {
  package let tensor: TensorDescriptor
  /// Where the bytes begin in the tensor, in bytes.
  package let offset: Int
  package let bytes: [UInt8]

  /// Whether the tensor ends with this window.
  package var isLast: Bool { offset + bytes.count == tensor.byteCount }

  /// Elements of a window where the caller asks for no other number.
  package static let elements = 1 << 20
}

private typealias TensorPiece = WindowBatches<any TensorReading>.Piece

/// The pieces of a batch, and the bytes of those that have been read.
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

  /// The pieces with their bytes. The bytes are not kept here.
  func take() -> [(TensorPiece, [UInt8])] {
    bytes.withLock { bytes in
      defer { bytes = [] }
      return Array(zip(pieces, bytes))
    }
  }
}

/// Makes windows of one size out of pieces of another size.
private struct WindowCutter {
  private let windowElements: Int
  /// Bytes of the tensor that are in no window yet. They begin at `offset` in the tensor.
  private var rest: [UInt8] = []
  private var offset = 0

  init(windowElements: Int) {
    self.windowElements = WindowBatches<any TensorReading>.elements(windowElements)
  }

  /// The windows that a piece completes. The pieces must come in order.
  mutating func cut(_ piece: TensorPiece, _ bytes: [UInt8]) -> [TensorWindow] {
    let windowBytes = windowElements * piece.tensor.type.byteSize
    let isLast = piece.range.upperBound == piece.tensor.byteCount
    // Mostly, a piece is exactly one window.
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
