#if canImport(Glibc)
  import Glibc
#endif

/// The largest memory that this process has had resident so far, file mappings included.
package enum PeakMemory {
  /// The peak in bytes; 0 when the system does not tell it.
  package static var bytes: Int {
    var usage = rusage()
    guard unsafe getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage) == 0 else { return 0 }
    // Linux counts in kilobytes.
    return usage.ru_maxrss << 10
  }
}
