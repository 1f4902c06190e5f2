#if canImport(Glibc)
  import Glibc
#endif

/// A pattern for tensor names as shells have them: `*.mamba.A_log`, `layers.[0-3].*`.
public struct NameGlob: Hashable, Sendable {
  public let pattern: String

  public init(_ pattern: String) { self.pattern = pattern }

  /// Whether the whole name matches; a `*` matches dots too. The corresponding C function is `fnmatch`.
  public func matches(_ name: String) -> Bool { unsafe fnmatch(pattern, name, 0) == 0 }
}
