package import HymbaFormat
import HymbaModel

extension ContainerSource {
  /// Opens the container that a user named, and checks what its manifest says about the model. The rules are
  /// the same for all uses of the container. No tensor data is read.
  ///
  /// - Parameters:
  ///   - path: The path of the container.
  ///   - base: The path of the base of a container that is relative to one; nil to look for it beside the container.
  ///     Only where it is given must it be there.
  /// - Returns: The container.
  /// - Throws: `FileDiagnosis` with the path and one of these: ``FormatError``, ``ModelError`` for an invalid
  ///   architecture, ``ConversionError/ledger(_:)`` for tensors that are not its parameters, and
  ///   ``ConversionError`` with advice for a file or a folder that is no container.
  package static func opened(_ path: String, base: String?) throws -> ContainerSource {
    let container = try opened(path)
    guard let base else { return container }
    return try naming(path) { try container.relative(to: base) }
  }

  /// Opens the container as ``opened(_:base:)`` does, with the base that lies beside it.
  package static func opened(_ path: String) throws -> ContainerSource {
    if isInParts(path) {
      let container = try ContainerSource(parts: path)
      try naming(path) { try container.requireModel() }
      return container
    }
    return try naming(path) {
      guard path != StandardInput.path || FileSystem.exists(path) else {
        throw ConversionError.noInput(MissingPath(path).description)
      }
      guard !FileSystem.isDirectory(path) else {
        let names = (try? FileSystem.entries(of: path)) ?? []
        if let parts = FolderContents(path, names).unfinishedParts { throw parts }
        throw ConversionError.folderOfContainers(names.filter { $0.hasSuffix(".hymba") })
      }
      do {
        let container = try ContainerSource(path)
        try container.requireModel()
        return container
      } catch let error as FormatError where error.kind == .unreadable {
        // The file may be an undamaged one of another kind.
        do {
          guard try !(SourceOpener.open(path) is ContainerSource) else { throw error }
        } catch let other as FileDiagnosis {
          switch other.cause as? ConversionError {
          case .unsupported?, .layoutDocument?, .configurationDocument?: throw other
          default: throw error
          }
        }
        throw ConversionError.notAContainer
      }
    }
  }

  private func requireModel() throws {
    guard let text = manifest.description.architecture else { return }
    _ = try inventory(of: Architecture(json: text))
  }

  /// The parameters of an architecture. The tensors of the container must be these and the carried ones.
  /// - Throws: ``ConversionError/ledger(_:)`` where they are not; ``ModelError``.
  func inventory(of architecture: Architecture) throws -> ParameterInventory {
    let inventory = try ParameterInventory(architecture)
    let plan = try LayoutPlan(
      LayoutCatalog.layout("hymba"), NameVariant(), architecture, inventory,
      isPresent: { _ in false })
    let carried = Set(manifest.description.carried)
    _ = try plan.balance(tensors, inventory, isCarried: carried.contains)
    return inventory
  }
}

extension ContainerDamage {
  /// The damage because of which a container could not be opened; nil for an error of another kind.
  package init?(_ error: FileDiagnosis) {
    switch error.cause {
    case let cause as FormatError:
      guard let damage = cause.damage else { return nil }
      self = damage
    case is ModelError, ConversionError.ledger:
      self.init(part: .manifest, detail: error.cause.description)
    default: return nil
    }
  }
}
