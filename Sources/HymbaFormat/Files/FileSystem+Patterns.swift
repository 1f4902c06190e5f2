#if canImport(Glibc)
  import Glibc
#endif

extension FileSystem {
  /// The paths that fit a pattern of the shell with `*`, `?` or `[…]`, in the order of their bytes. The
  /// corresponding C function is `glob`. Folders that may not be read hold nothing that fits.
  package static func paths(fitting pattern: String) -> [String] {
    var found = unsafe glob_t()
    defer { unsafe globfree(&found) }
    guard unsafe glob(pattern, 0, nil, &found) == 0 else { return [] }
    // The library gives `gl_pathc` paths, each of which ends with a zero byte.
    return (0..<Int(unsafe found.gl_pathc)).compactMap { index in
      unsafe found.gl_pathv[index].map { unsafe String(cString: $0) }
    }
  }
}
