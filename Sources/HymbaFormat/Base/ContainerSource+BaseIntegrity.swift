extension ContainerSource {
  /// Why the tensors that need a base cannot be read: nil where none does, or the base is there.
  package var missingBase: (any Diagnosis)? {
    switch base {
    case .missing(let error): error
    case .open(let base): base.missingBase
    case nil: nil
    }
  }

  /// The number of tensors whose decoded bytes need the base.
  package var tensorsOfBase: Int {
    manifest.tensors.count { $0.encoding == .delta } + (manifest.base?.tensors.count ?? 0)
  }

  /// Compares the base's tensors that this container takes as they are with their SHA-256, or, without that, with the
  /// XXH3 that the base has for them.
  /// - Returns: The damaged ones; none where the base is missing.
  /// - Throws: The errors of reading the base.
  func findBaseDamage(jobs: Int, _ comparesSHA256: Bool) throws -> [ContainerDamage] {
    guard missingBase == nil else { return [] }
    return try (manifest.base?.tensors ?? []).compactMap { tensor in
      try damage(of: tensor.descriptor, comparesSHA256 ? tensor.sha256 : nil, jobs: jobs) { try self.baseReading(of: $0, .whole) }
        .map { ContainerDamage(part: .tensor(tensor.descriptor.name), detail: $0) }
    }
  }
}
