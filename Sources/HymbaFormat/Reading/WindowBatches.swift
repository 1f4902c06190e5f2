import Synchronization

/// Cuts tensors into pieces that are read at once: whole windows of their readings.
final class WindowBatches<Reading: Sendable>: Sendable {
  struct Piece: Sendable {
    let tensor: TensorDescriptor
    let reading: Reading
    /// The bytes of the tensor.
    let range: Range<Int>
  }

  private struct State {
    /// Of the tensor.
    var position = 0
    var offset = 0
    var reading: (reading: Reading, windowBytes: Int)?
  }

  /// Bytes of one batch, unless a single piece has more.
  static var maximumBytes: Int { 32 << 20 }
  /// Elements of a piece at most: their bytes can be counted.
  private static var maximumElements: Int { Limits.totalBytes / 8 }
  /// Pieces of one batch: tensors can be empty.
  private static var maximumCount: Int { 1024 }

  private let tensors: [TensorDescriptor]
  private let open: @Sendable (TensorDescriptor) throws -> (Reading, windowBytes: Int)
  private let pieceElements: Int
  private let batchElements: Int
  private let state = Mutex(State())

  /// - Parameters:
  ///   - pieceElements: About how many elements a piece has, at least one window.
  ///   - jobs: How many such pieces a batch has.
  ///   - open: Begins to read a tensor.
  init(
    _ tensors: [TensorDescriptor], pieceElements: Int, jobs: Int,
    open: @escaping @Sendable (TensorDescriptor) throws -> (Reading, windowBytes: Int)
  ) {
    self.tensors = tensors
    self.open = open
    // A piece without elements would never come to an end, and no tensor has more than the most.
    self.pieceElements = Self.elements(pieceElements)
    let (elements, overflow) = self.pieceElements.multipliedReportingOverflow(by: max(1, jobs))
    self.batchElements = overflow ? .max : elements
  }

  /// As many elements as were asked for, within what can be.
  static func elements(_ wanted: Int) -> Int { min(max(1, wanted), maximumElements) }

  /// The next batch; nil behind the last one.
  /// - Throws: What opening a tensor throws, once all tensors before it are passed.
  func next() throws -> [Piece]? {
    try state.withLock { state in
      var batch: [Piece] = []
      var (elements, bytes) = (0, 0)
      while state.position < tensors.count, batch.count < Self.maximumCount {
        let tensor = tensors[state.position]
        do {
          state.reading = try state.reading ?? open(tensor)
        } catch  where !batch.isEmpty {
          break
        }
        guard let (reading, windowBytes) = state.reading else { break }
        let wanted = pieceElements * tensor.type.byteSize
        let size = min(
          max(1, wanted / windowBytes) * windowBytes, tensor.byteCount - state.offset)
        elements += size / tensor.type.byteSize
        bytes += size
        if !batch.isEmpty, elements > batchElements || bytes > Self.maximumBytes { break }
        let end = state.offset + size
        batch.append(Piece(tensor: tensor, reading: reading, range: state.offset..<end))
        state.offset = end
        if end == tensor.byteCount { state = State(position: state.position + 1) }
      }
      return batch.isEmpty ? nil : batch
    }
  }
}
