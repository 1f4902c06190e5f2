import Synchronization

#if canImport(Glibc)
  import Glibc
#endif

extension BLAS {
  /// The address space that is required for each thread that multiplies: 128 MB that the library maps on 64-bit
  /// processors, and as much again for the thread's own allocations. When the library cannot map its part, it
  /// tries again forever without a message.
  private static let bytesPerThread = 256 << 20
  /// Address space for what else a pass allocates meanwhile.
  private static let reserve = 128 << 20

  /// The number of threads for which there was room. The library keeps what it once mapped.
  private static let provided = Mutex(0)

  /// Checks that so many threads can multiply.
  ///
  /// - Throws: ``ModelError/noRoomForProducts(byteCount:)`` where the address space does not suffice, as under
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

  /// Whether so many bytes of address space are free. The mapping is never written to, so it takes no memory.
  static func canMap(_ byteCount: Int) -> Bool {
    let region = unsafe mmap(
      nil, byteCount, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0)
    guard unsafe region != MAP_FAILED else { return false }
    unsafe munmap(region, byteCount)
    return true
  }
}
