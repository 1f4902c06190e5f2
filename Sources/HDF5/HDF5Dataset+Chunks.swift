import CHDF5
import CZlib

extension HDF5Dataset {
  /// Makes sure that every chunk is there and, where there are filters, decodes to exactly `chunkBytes`, by inflating
  /// each without keeping anything.
  ///
  /// The library does not: it leaves memory as it was where a chunk is missing or a stream of szip ends early, a gzip
  /// stream that ends early lets it read behind its buffer, and one that goes on makes it double its buffer for as
  /// long as the stream lasts, which for a crafted megabyte is a gigabyte.
  ///
  /// - Throws: ``HDF5Error/wrongChunk(expected:found:)``, ``HDF5Error/unsupported(_:)`` for a filter that is
  ///   ``HDF5DatasetForm/unsupportedFilter``.
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
      // The next chunk, the last dimension first.
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

  /// What a chunk decodes to, or a little more than `expected` where it is more. The corresponding C functions
  /// are `H5Dget_chunk_storage_size` and `H5Dread_chunk`, which find the chunk as `H5Dread` does: a damaged
  /// index may have two at one place.
  private func decodedBytes(
    ofChunkAt start: [hsize_t], expected: Int
  ) throws(HDF5Error) -> Int {
    var size: hsize_t = 0
    try Gate.call { unsafe H5Dget_chunk_storage_size(id.value, start, &size) }
    let stored = Int(clamping: size)
    guard !form.filters.isEmpty else { return stored }
    // What does not compress grows by far less.
    guard stored <= expected + expected / 8 + 4096 else {
      throw .wrongChunk(expected: expected, found: stored)
    }
    // A bit for each filter that was left out of this chunk.
    var skipped: UInt32 = 0
    var content = [UInt8](repeating: 0, count: stored)
    // The library writes as many bytes as it said.
    try Gate.call {
      unsafe H5Dread_chunk(id.value, chdf5_default(), start, &skipped, &content)
    }
    var bytes = stored
    for (index, filter) in form.filters.enumerated().reversed()
    where index < 32 && skipped & 1 << UInt32(index) == 0 {
      switch Int32(filter.number) {
      case H5Z_FILTER_FLETCHER32: bytes = max(0, bytes - 4)
      case H5Z_FILTER_DEFLATE:
        // Room for a checksum that was made before compressing.
        bytes = inflatedBytes(content.prefix(bytes), limit: expected + 4)
      case H5Z_FILTER_SZIP:
        bytes = try SzipStream(settings: filter.settings)?.decodedBytes(of: content.prefix(bytes)) ?? 0
      // A shuffled chunk has as many bytes as before.
      default: continue
      }
    }
    return bytes
  }
}

/// How many bytes a zlib stream gives before it ends, is damaged or has given more than `limit`. The
/// corresponding C function is `inflate`.
private func inflatedBytes(_ stream: ArraySlice<UInt8>, limit: Int) -> Int {
  // zlib keeps a pointer to its state, so that must not move.
  let state = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
  unsafe state.initialize(to: z_stream())
  defer { unsafe state.deallocate() }
  let stateBytes = unsafe Int32(MemoryLayout<z_stream>.size)
  guard unsafe inflateInit_(state, ZLIB_VERSION, stateBytes) == Z_OK else { return 0 }
  defer { unsafe inflateEnd(state) }
  var scratch = [UInt8](repeating: 0, count: 64 << 10)
  return unsafe stream.withUnsafeBytes { input in
    unsafe scratch.withUnsafeMutableBytes { output in
      // zlib reads and writes no more than these counts say; a stored chunk is far below 4 GB.
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
