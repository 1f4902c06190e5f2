/// The data that a fingerprint was computed from.
enum FingerprintBasis: String, Encodable {
  /// The digests in the manifest: the container's own claim, which was not compared with its tensors.
  case manifest
  /// The tensors, all of which were read.
  case tensors

  func lines(_ fingerprint: String) -> [String] {
    (self == .manifest ? ["as the manifest says; the tensors were not read:"] : [])
      + ["fingerprint  \(fingerprint)"]
  }
}
