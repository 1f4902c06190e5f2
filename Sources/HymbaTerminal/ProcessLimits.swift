import HymbaFormat

#if canImport(Glibc)
  import Glibc
#endif

/// The limits that the system sets to this process.
enum ProcessLimits {
  /// The bytes of address space that the libraries need: OpenBLAS's buffers of 128 MB for each thread, the
  /// allocator's regions and the threads' stacks. The libraries do not report a failure. They wait for ever
  /// when they do not get the space.
  private static let neededBytes = (192 + 256 * Parallel.cores) << 20

  /// A clause that says that this process has too little address space, as under a low `ulimit -v`; nil when it
  /// has enough.
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

  /// Raises the number of files that may be open at once to the most that the system allows: a checkpoint may
  /// have hundreds.
  static func allowOpenFiles() {
    var limit = rlimit()
    guard unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return }
    limit.rlim_cur = limit.rlim_max
    unsafe setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
  }
}
