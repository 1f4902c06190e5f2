import CMalloc

/// What becomes of memory that the process frees.
enum FreedMemory {
  /// Keeps it for the next use: windows of some megabytes come and go all the time, and by default the C library
  /// gives the kernel a part of them back, which costs as much as a tenth of a raw conversion when the kernel
  /// clears those pages again. How much the process has at most stays the same.
  ///
  /// The corresponding C function is `mallopt`; larger thresholds for `mmap` are refused by it.
  static func keep() {
    mallopt(M_MMAP_THRESHOLD, 32 << 20)
    mallopt(M_TRIM_THRESHOLD, 256 << 20)
  }
}
