/// The data that a fingerprint was computed from.
package enum FingerprintBasis: String, Encodable {
  /// The digests in the manifest: the container's own claim, which was not compared with its tensors.
  case manifest
  /// The tensors, all of which were read.
  case tensors
}
