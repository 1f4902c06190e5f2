import HymbaReport

extension FingerprintBasis {
  func lines(_ fingerprint: String) -> [String] {
    (self == .manifest ? ["as the manifest says; the tensors were not read:"] : [])
      + ["fingerprint  \(fingerprint)"]
  }
}
