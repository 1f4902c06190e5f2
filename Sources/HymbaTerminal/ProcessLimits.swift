import HymbaFormat

#if canImport(Glibc)
  import Glibc
#endif

/// What the system grants to this process.
enum ProcessLimits {
  /// The address space that the libraries take without asking: OpenBLAS's buffers of 128 MB for each thread,
  /// the allocator's regions and the threads' stacks. They wait for ever where they do not get it.
  private static let neededBytes = (192 + 256 * Parallel.cores) << 20

  /// What is wrong with the memory of this process, as under a low `ulimit -v`; nil for nothing.
  static var memoryProblem: String? {
    let region = unsafe mmap(
      nil, neededBytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0)
    guard unsafe region != MAP_FAILED else {
      return
        "this process does not get the \(neededBytes.byteText) of address space that its libraries ask for; raise its limit (ulimit -v)"
    }
    unsafe munmap(region, neededBytes)
    return nil
  }

  /// Opens as many files at once as the system lets a process: a checkpoint may have hundreds.
  static func allowOpenFiles() {
    var limit = rlimit()
    guard unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return }
    limit.rlim_cur = limit.rlim_max
    unsafe setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
  }
}
