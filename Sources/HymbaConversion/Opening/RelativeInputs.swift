package import HymbaFormat

extension ContainerSource {
  /// This container with the base at a path that a user named.
  /// - Throws: `FileDiagnosis` with the path of the base, and the errors of ``openedBase(_:)``;
  ///   ``BaseProblem`` and ``FormatError/manifestInvalid(_:)`` where it is not the base of this container.
  package func relative(to path: String) throws -> ContainerSource {
    guard isRelative else { throw FormatError.base(.notRelative) }
    return try relative(to: ContainerSource.openedBase(path))
  }

  /// Opens the container that a user named as a base.
  /// - Throws: `FileDiagnosis` with the path, and the errors of ``opened(_:)``. For a checkpoint that is no container,
  ///   and for a folder without parts, ``ConversionError/notABase(_:)`` says what a base is.
  package static func openedBase(_ path: String) throws -> ContainerSource {
    do {
      return try opened(path)
    } catch let error as FileDiagnosis {
      switch error.cause as? ConversionError {
      case .notAContainer:
        throw FileDiagnosis(
          path,
          ConversionError.notABase(
            "this is a checkpoint and no container, and a base is one; convert it first, and name the container"))
      case .folderOfContainers(let names):
        throw FileDiagnosis(
          path,
          ConversionError.notABase(
            "this is a folder, and a base is one container in one file; "
              + (names.isEmpty ? "convert the checkpoint first, and name the container" : "name that file")))
      default: throw error
      }
    }
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
