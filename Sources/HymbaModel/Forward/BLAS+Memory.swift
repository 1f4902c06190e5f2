import Synchronization

#if canImport(Glibc)
  import Glibc
#endif

extension BLAS {
  /// Addresses for each thread that multiplies: 128 MB that the library maps on 64-bit processors, and as many for
  /// the thread's own allocations. Where the library gets none, it tries again for ever and says nothing.
  private static let bytesPerThread = 256 << 20
  /// For what else a pass allocates meanwhile.
  private static let reserve = 128 << 20

  /// Threads for which there was room; what the library once mapped it keeps.
  private static let provided = Mutex(0)

  /// - Throws: ``ModelError/noRoomForProducts(byteCount:)`` where so many threads cannot multiply, as under
  ///   `ulimit -v`.
  static func requireMemory(jobs: Int) throws(ModelError) {
    try provided.withLock { (provided: inout Int) throws(ModelError) in
      guard jobs > provided else { return }
      let byteCount = (jobs - provided) * bytesPerThread + reserve
      guard canMap(byteCount) else {
        throw .noRoomForProducts(byteCount: byteCount)
      }
      provided = jobs
    }
  }

  /// Whether so many bytes of addresses are free. Nothing is written, so none becomes memory.
  static func canMap(_ byteCount: Int) -> Bool {
    let region = unsafe mmap(
      nil, byteCount, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0)
    guard unsafe region != MAP_FAILED else { return false }
    unsafe munmap(region, byteCount)
    return true
  }
}
