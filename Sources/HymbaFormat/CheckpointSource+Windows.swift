extension CheckpointSource {
  /// Passes the bytes of tensors to `body`, tensor after tensor, a window at a time, while the next windows are
  /// read and decoded, up to `jobs` at once. A tensor without elements has one window without bytes.
  ///
  /// Memory: twice `jobs` windows, or 64 MB if that is less.
  ///
  /// - Parameter windowElements: Elements of a window, at least one; the last one of a tensor may have fewer.
  /// - Throws: What `body` throws, and what reading throws, with ``location`` in front.
  public func forEachWindow(
    of tensors: [TensorDescriptor], windowElements: Int = TensorWindow.elements, jobs: Int,
    _ body: (TensorWindow) throws -> Void
  ) throws {
    try forEachBatch(of: tensors, windowElements: windowElements, jobs: jobs) { windows in
      for window in windows { try body(window) }
    }
  }

  /// The same, with up to `jobs` full windows, or as many bytes in more windows, passed at a time.
  ///
  /// - Parameter arrived: Is given each window in order as soon as it is read. With more than one job that is
  ///   on another thread, while `body` works on earlier ones.
  func forEachBatch(
    of tensors: [TensorDescriptor], windowElements: Int = TensorWindow.elements, jobs: Int,
    arrived: @escaping @Sendable (TensorWindow) -> Void = { _ in },
    _ body: ([TensorWindow]) throws -> Void
  ) throws {
    var batches = WindowBatches(tensors, windowElements: windowElements, jobs: jobs)
    @Sendable func read(_ batch: [WindowBatches.Range]) throws -> [TensorWindow] {
      // Damage in what is read is not to be told of what is written meanwhile.
      let windows = try naming(location) {
        try Parallel.map(count: batch.count, jobs: jobs) { index in
          let (tensor, offset, byteCount) = batch[index]
          return TensorWindow(
            tensor: tensor, offset: offset,
            bytes: try [UInt8](count: byteCount) { try self.read(tensor, from: offset, into: &$0) })
        }
      }
      for window in windows { arrived(window) }
      return windows
    }
    guard jobs > 1 else {
      while let batch = batches.next() { try body(read(batch)) }
      return
    }
    var ahead = batches.next().map { batch in Background { try read(batch) } }
    while let current = ahead {
      let windows = try current.value() ?? []
      ahead = batches.next().map { batch in Background { try read(batch) } }
      try body(windows)
    }
  }

  /// Windows that are in memory at once: one for each job, but few enough that many cores do not need much
  /// memory.
  static func windowsAtOnce(_ windowBytes: Int, jobs: Int) -> Int {
    max(1, min(jobs, WindowBatches.maximumBytes / max(1, windowBytes)))
  }

  /// SHA-256 of the tensor's logical bytes.
  public func digest(of tensor: TensorDescriptor, jobs: Int) throws -> SHA256Digest {
    var hasher = SHA256Hasher()
    try forEachWindow(of: [tensor], jobs: jobs) { hasher.update($0.bytes.raw) }
    return hasher.finalize()
  }
}

/// Some bytes of a tensor, on their way through a reader.
public struct TensorWindow: Sendable {
  public let tensor: TensorDescriptor
  /// Where the bytes begin in the tensor.
  public let offset: Int
  public let bytes: [UInt8]

  /// Whether the tensor ends with it.
  public var isLast: Bool { offset + bytes.count == tensor.byteCount }

  /// Elements of a window where nothing else is asked for.
  public static let elements = 1 << 20
}

/// Cuts tensors into windows that are read at once.
private struct WindowBatches {
  typealias Range = (tensor: TensorDescriptor, offset: Int, byteCount: Int)

  /// Bytes of one batch, unless a single window has more.
  static let maximumBytes = 32 << 20
  /// Elements of a window at most: their bytes can be counted.
  private static let maximumElements = Limits.totalBytes / 8
  /// Windows of one batch: tensors can be empty.
  private static let maximumCount = 1024

  private let tensors: [TensorDescriptor]
  private let windowElements: Int
  private let batchElements: Int
  private var position = 0
  private var offset = 0

  init(_ tensors: [TensorDescriptor], windowElements: Int, jobs: Int) {
    self.tensors = tensors
    // A window without elements would never come to an end, and no tensor has more than the most.
    self.windowElements = min(max(1, windowElements), Self.maximumElements)
    let (elements, overflow) = self.windowElements.multipliedReportingOverflow(by: max(1, jobs))
    self.batchElements = overflow ? .max : elements
  }

  mutating func next() -> [Range]? {
    var batch: [Range] = []
    var elements = 0
    var bytes = 0
    while position < tensors.count, batch.count < Self.maximumCount {
      let tensor = tensors[position]
      let window = min(windowElements * tensor.type.byteSize, tensor.byteCount - offset)
      elements += window / tensor.type.byteSize
      bytes += window
      if !batch.isEmpty, elements > batchElements || bytes > Self.maximumBytes { break }
      batch.append((tensor, offset, window))
      offset += window
      if offset == tensor.byteCount { (position, offset) = (position + 1, 0) }
    }
    return batch.isEmpty ? nil : batch
  }
}
