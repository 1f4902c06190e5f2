extension CheckpointSource {
  /// Passes the bytes of a tensor to `body` in order, `windowBytes` at a time (the last window may be
  /// shorter), while up to `jobs` windows are read and decoded at once.
  ///
  /// Memory: twice `jobs` windows, or 64 MB if that is less.
  public func forEachWindow(
    of tensor: TensorDescriptor, windowBytes: Int, jobs: Int, _ body: ([UInt8]) throws -> Void
  ) throws {
    try forEachBatch(of: tensor, windowBytes: windowBytes, jobs: jobs) { windows in
      for window in windows { try body(window) }
    }
  }

  /// The same, with up to `jobs` windows passed at a time. With more than one job the next ones are read while
  /// `body` works.
  ///
  /// Memory: twice `jobs` windows, or 64 MB if that is less.
  func forEachBatch(
    of tensor: TensorDescriptor, windowBytes: Int, jobs: Int, _ body: ([[UInt8]]) throws -> Void
  ) throws {
    let batchBytes = windowBytes * Self.windowsAtOnce(windowBytes, jobs: jobs)
    @Sendable func batch(at start: Int) throws -> [[UInt8]] {
      let bytes = min(batchBytes, tensor.byteCount - start)
      return try Parallel.map(count: (bytes + windowBytes - 1) / windowBytes, jobs: jobs) { index in
        let offset = start + index * windowBytes
        return try [UInt8](count: min(windowBytes, tensor.byteCount - offset)) {
          try read(tensor, from: offset, into: &$0)
        }
      }
    }
    var next: Background<[[UInt8]]>?
    for start in stride(from: 0, to: tensor.byteCount, by: batchBytes) {
      let windows = try next?.value() ?? batch(at: start)
      let following = start + batchBytes
      next =
        jobs > 1 && following < tensor.byteCount
        ? Background { try batch(at: following) } : nil
      try body(windows)
    }
  }

  /// Windows that are in memory at once: one for each job, but few enough that many cores do not need much
  /// memory.
  static func windowsAtOnce(_ windowBytes: Int, jobs: Int) -> Int {
    max(1, min(jobs, (32 << 20) / max(1, windowBytes)))
  }

  /// SHA-256 of the tensor's logical bytes.
  public func digest(of tensor: TensorDescriptor, jobs: Int) throws -> SHA256Digest {
    var hasher = SHA256Hasher()
    let windowBytes = SectionGeometry.chunkElements * tensor.type.byteSize
    try forEachWindow(of: tensor, windowBytes: windowBytes, jobs: jobs) { hasher.update($0.raw) }
    return hasher.finalize()
  }
}
