import CMalloc

/// Settings of the allocator for memory that the process frees.
enum FreedMemory {
  /// Keeps freed memory for the next use.
  ///
  /// Windows of some megabytes are allocated and freed all the time. By default the C library gives a part of
  /// them back to the kernel, which clears those pages again: that can cost a tenth of the time of a raw
  /// conversion. The peak memory of the process does not change.
  ///
  /// The corresponding C function is `mallopt`. It refuses larger thresholds for `mmap`.
  static func keep() {
    mallopt(M_MMAP_THRESHOLD, 32 << 20)
    mallopt(M_TRIM_THRESHOLD, 256 << 20)
  }
}
