extension ContainerSource {
  /// Why the tensors that need a base cannot be read: nil where none does, or the base is there. It is
  /// ``BaseProblem/missing(_:)`` or ``BaseProblem/wrong(expected:path:found:isNamed:)`` of this container's base, and
  /// `FileDiagnosis` with the path of a base that cannot be opened, or whose own base cannot be read.
  package var missingBase: (any Diagnosis)? {
    switch base {
    case .missing(let error): error
    case .open(let base): base.missingBaseOfBase
    case nil: nil
    }
  }

  /// The same for a container that is the base of another one. No option names the base of a base.
  var missingBaseOfBase: (any Diagnosis)? {
    guard let missingBase else { return nil }
    guard case FormatError.base(let problem) = missingBase else { return missingBase }
    return FileDiagnosis(location, FormatError.base(.ofBase(problem)))
  }

  /// Makes sure that no file is in the place of the base, or named as it, that is not the base. Where there is none at
  /// all, the container can still be checked as far as its own bytes go.
  /// - Throws: As ``requireBase()``.
  package func requireNoOtherBase() throws {
    guard let missingBase, missingBase.kind != .noInput else { return }
    throw missingBase
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
