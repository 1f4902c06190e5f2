package import HymbaFormat

extension ContainerSource {
  /// This container with the base at a path that a user named.
  /// - Throws: `FileDiagnosis` with the path of the base, and the errors of ``opened(_:)``;
  ///   ``BaseProblem`` and ``FormatError/manifestInvalid(_:)`` where it is not the base of this container.
  package func relative(to path: String) throws -> ContainerSource {
    guard isRelative else { throw FormatError.base(.notRelative) }
    return try relative(to: ContainerSource.opened(path))
  }
}

extension ModelInput {
  /// Gives a base that a user named to those of several checkpoints that are relative to one.
  ///
  /// - Parameters:
  ///   - inputs: The checkpoints.
  ///   - base: The path of the base; nil to look for it beside each.
  /// - Returns: The same checkpoints in the same order.
  /// - Throws: With the path of the first checkpoint, ``BaseProblem/notRelative`` where none is relative to a base.
  package static func relative(_ inputs: [ModelInput], to base: String?) throws -> [ModelInput] {
    guard let base else { return inputs }
    let given = inputs.map { input in
      ((try? input.open()) as? ContainerSource)?.isRelative == true ? ModelInput(paths: input.paths, base: base) : input
    }
    guard given.contains(where: { $0.base != nil }) else {
      throw FileDiagnosis(inputs.first?.paths.first ?? base, FormatError.base(.notRelative))
    }
    return given
  }
}
