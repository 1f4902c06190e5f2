extension CheckpointSource {
  /// Passes the bytes of a tensor to `body` in order, `windowBytes` at a time (the last window may be
  /// shorter), while up to `jobs` windows are read and decoded at once.
  ///
  /// Memory: `jobs` windows.
  public func forEachWindow(
    of tensor: TensorDescriptor, windowBytes: Int, jobs: Int, _ body: ([UInt8]) throws -> Void
  ) throws {
    try forEachBatch(of: tensor, windowBytes: windowBytes, jobs: jobs) { windows in
      for window in windows { try body(window) }
    }
  }

  /// The same, with up to `jobs` windows passed at a time.
  func forEachBatch(
    of tensor: TensorDescriptor, windowBytes: Int, jobs: Int, _ body: ([[UInt8]]) throws -> Void
  ) throws {
    var done = 0
    while done < tensor.byteCount {
      let start = done
      let count = min(max(1, jobs), (tensor.byteCount - start + windowBytes - 1) / windowBytes)
      let windows = try Parallel.map(count: count, jobs: jobs) { index in
        let offset = start + index * windowBytes
        return try [UInt8](count: min(windowBytes, tensor.byteCount - offset)) {
          try read(tensor, from: offset, into: &$0)
        }
      }
      try body(windows)
      done += windows.reduce(0) { $0 + $1.count }
    }
  }

  /// SHA-256 of the tensor's logical bytes.
  public func digest(of tensor: TensorDescriptor, jobs: Int) throws -> SHA256Digest {
    var hasher = SHA256Hasher()
    let windowBytes = SectionGeometry.chunkElements * tensor.type.byteSize
    try forEachWindow(of: tensor, windowBytes: windowBytes, jobs: jobs) { hasher.update($0.raw) }
    return hasher.finalize()
  }
}
