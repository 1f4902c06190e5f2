#if canImport(Glibc)
  import Glibc
#endif

/// A shell pattern for tensor names, such as `*.mamba.A_log` or `layers.[0-3].*`.
public struct NameGlob: Hashable, Sendable {
  public let pattern: String

  public init(_ pattern: String) { self.pattern = pattern }

  /// Whether the whole name matches; a `*` matches dots too. The corresponding C function is `fnmatch`.
  public func matches(_ name: String) -> Bool { unsafe fnmatch(pattern, name, 0) == 0 }
}
