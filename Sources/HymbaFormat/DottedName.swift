extension StringProtocol {
  /// With dots for slashes, also for one that a combining mark follows.
  public var dotted: String {
    var scalars = String.UnicodeScalarView()
    scalars.append(contentsOf: unicodeScalars.lazy.map { $0 == "/" ? "." : $0 })
    return String(scalars)
  }
}
