import CHDF5
import CZlib

extension HDF5Dataset {
  /// Makes sure that every chunk is there and has exactly `chunkBytes` when it is decoded. The decoded bytes
  /// are not kept.
  ///
  /// The library does not check that. Where a chunk is missing or an szip stream ends early, it leaves the
  /// memory as it was. Where a gzip stream ends early, it reads behind its buffer. Where a gzip stream is too
  /// long, it doubles its buffer until the stream ends: a crafted megabyte takes a gigabyte.
  ///
  /// - Throws: ``HDF5Error/wrongChunk(expected:found:)``, ``HDF5Error/unsupported(_:)`` where there is an
  ///   ``HDF5DatasetForm/unsupportedFilter``, and ``HDF5Error/library(_:)``.
  /// - Complexity: Reads and decodes each chunk once, or without filters only looks up its size.
  package func requireWholeChunks(of chunkBytes: Int) throws(HDF5Error) {
    guard case .chunked(let chunk, _) = form.layout, let dimensions = form.dimensions,
      !dimensions.contains(0)
    else { return }
    if let filter = form.unsupportedFilter {
      throw .unsupported("the filter “\(filter)” is not supported")
    }
    var start = [hsize_t](repeating: 0, count: dimensions.count)
    while true {
      let found = try decodedBytes(ofChunkAt: start, expected: chunkBytes)
      guard found == chunkBytes else { throw .wrongChunk(expected: chunkBytes, found: found) }
      // Goes to the next chunk, along the last dimension first.
      var axis = dimensions.count - 1
      while axis >= 0 {
        start[axis] += hsize_t(max(1, chunk[axis]))
        if start[axis] < hsize_t(dimensions[axis]) { break }
        start[axis] = 0
        axis -= 1
      }
      guard axis >= 0 else { return }
    }
  }

  /// The bytes that a chunk decodes to. When they are more than `expected`, the result is only larger than
  /// `expected`.
  ///
  /// The corresponding C functions are `H5Dget_chunk_storage_size` and `H5Dread_chunk`. They find the same
  /// chunk as `H5Dread` does, also when a damaged index has two chunks at one place.
  private func decodedBytes(
    ofChunkAt start: [hsize_t], expected: Int
  ) throws(HDF5Error) -> Int {
    var size: hsize_t = 0
    try Gate.call { unsafe H5Dget_chunk_storage_size(id.value, start, &size) }
    let stored = Int(clamping: size)
    guard !form.filters.isEmpty else { return stored }
    // Data that cannot be compressed grows by far less.
    guard stored <= expected + expected / 8 + 4096 else {
      throw .wrongChunk(expected: expected, found: stored)
    }
    // The filter mask: a bit for each filter that was not applied to this chunk.
    var skipped: UInt32 = 0
    var content = [UInt8](repeating: 0, count: stored)
    // The library writes as many bytes as it said before.
    try Gate.call {
      unsafe H5Dread_chunk(id.value, chdf5_default(), start, &skipped, &content)
    }
    var bytes = stored
    for (index, filter) in form.filters.enumerated().reversed()
    where index < 32 && skipped & 1 << UInt32(index) == 0 {
      switch Int32(filter.number) {
      case H5Z_FILTER_FLETCHER32: bytes = max(0, bytes - 4)
      case H5Z_FILTER_DEFLATE:
        // Four more bytes for a checksum that was added before the compression.
        bytes = inflatedBytes(content.prefix(bytes), limit: expected + 4)
      case H5Z_FILTER_SZIP:
        bytes = try SzipStream(settings: filter.settings)?.decodedBytes(of: content.prefix(bytes)) ?? 0
      // Shuffling does not change the number of bytes.
      default: continue
      }
    }
    return bytes
  }
}

/// The number of bytes that a zlib stream decodes to. Decoding stops where the stream ends or is damaged, or
/// after more than `limit` bytes. The corresponding C function is `inflate`.
private func inflatedBytes(_ stream: ArraySlice<UInt8>, limit: Int) -> Int {
  // The state must not move, because zlib keeps a pointer to it.
  let state = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
  unsafe state.initialize(to: z_stream())
  defer { unsafe state.deallocate() }
  let stateBytes = unsafe Int32(MemoryLayout<z_stream>.size)
  guard unsafe inflateInit_(state, ZLIB_VERSION, stateBytes) == Z_OK else { return 0 }
  defer { unsafe inflateEnd(state) }
  var scratch = [UInt8](repeating: 0, count: 64 << 10)
  return unsafe stream.withUnsafeBytes { input in
    unsafe scratch.withUnsafeMutableBytes { output in
      // zlib reads and writes no more bytes than these counts say. A stored chunk is far below 4 GB.
      unsafe state.pointee.next_in = UnsafeMutablePointer(
        mutating: input.baseAddress?.assumingMemoryBound(to: Bytef.self))
      unsafe state.pointee.avail_in = UInt32(clamping: input.count)
      var status = Z_OK
      while status == Z_OK, unsafe Int(clamping: state.pointee.total_out) <= limit {
        unsafe state.pointee.next_out = output.baseAddress?.assumingMemoryBound(to: Bytef.self)
        unsafe state.pointee.avail_out = UInt32(output.count)
        status = unsafe CZlib.inflate(state, Z_NO_FLUSH)
      }
      return unsafe Int(clamping: state.pointee.total_out)
    }
  }
}
