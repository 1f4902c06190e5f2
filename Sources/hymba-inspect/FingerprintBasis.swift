/// What a fingerprint was computed from.
enum FingerprintBasis: String, Encodable {
  /// From the digests in the manifest: what the container says of itself, which nothing was compared with.
  case manifest
  /// From the tensors, all of which were read.
  case tensors

  func lines(_ fingerprint: String) -> [String] {
    (self == .manifest ? ["as the manifest says; the tensors were not read:"] : [])
      + ["fingerprint  \(fingerprint)"]
  }
}
