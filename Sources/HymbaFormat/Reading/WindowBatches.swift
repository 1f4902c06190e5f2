import Synchronization

/// Cuts tensors into batches of pieces. A piece is read at once and consists of whole windows.
final class WindowBatches<Reading: Sendable>: Sendable {
  struct Piece: Sendable {
    let tensor: TensorDescriptor
    let reading: Reading
    /// The range of the piece in the tensor's bytes.
    let range: Range<Int>
  }

  private struct State {
    /// The position of the current tensor in `tensors`.
    var position = 0
    var offset = 0
    var reading: (reading: Reading, windowBytes: Int)?
  }

  /// The most bytes of one batch. A single piece may have more.
  static var maximumBytes: Int { 32 << 20 }
  /// The most elements of a piece. With no more, its bytes do not overflow an integer.
  private static var maximumElements: Int { Limits.totalBytes / 8 }
  /// The most pieces of one batch. It is needed because tensors can be empty.
  private static var maximumCount: Int { 1024 }

  private let tensors: [TensorDescriptor]
  private let open: @Sendable (TensorDescriptor) throws -> (Reading, windowBytes: Int)
  private let pieceElements: Int
  private let batchElements: Int
  private let state = Mutex(State())

  /// - Parameters:
  ///   - pieceElements: About how many elements a piece has. It has at least one window.
  ///   - jobs: How many such pieces a batch has.
  ///   - open: Begins to read a tensor. It returns the reading and the bytes of its windows.
  init(
    _ tensors: [TensorDescriptor], pieceElements: Int, jobs: Int,
    open: @escaping @Sendable (TensorDescriptor) throws -> (Reading, windowBytes: Int)
  ) {
    self.tensors = tensors
    self.open = open
    // A piece needs at least one element, or the cutting would never end. No tensor has more elements than the
    // maximum.
    self.pieceElements = Self.elements(pieceElements)
    let (elements, overflow) = self.pieceElements.multipliedReportingOverflow(by: max(1, jobs))
    self.batchElements = overflow ? .max : elements
  }

  /// The number of elements asked for, within the possible range.
  static func elements(_ wanted: Int) -> Int { min(max(1, wanted), maximumElements) }

  /// The next batch; nil after the last one.
  /// - Throws: What opening a tensor throws, once the pieces before that tensor were returned.
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
