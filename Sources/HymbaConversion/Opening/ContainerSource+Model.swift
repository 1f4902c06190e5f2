public import HymbaFormat
import HymbaModel

extension ContainerSource {
  /// Opens the container that a user named, and checks what its manifest says of the model: by the same rules,
  /// whatever is then done with it. No tensor data is read.
  ///
  /// - Throws: with the path in front, ``FormatError``, ``ModelError`` for an architecture that is none,
  ///   ``ConversionError/ledger(_:)`` for tensors that are not its parameters, and ``ConversionError`` with the way
  ///   out for what is no container.
  public static func opened(_ path: String) throws -> ContainerSource {
    try naming(path) {
      guard !FileSystem.isDirectory(path) else {
        throw ConversionError.unsupported("this is a folder, and a container is one file" + advice(path))
      }
      do {
        let container = try ContainerSource(path)
        try container.requireModel()
        return container
      } catch let error as FormatError where error.kind == .unreadable {
        // The file may be a whole one of another kind.
        do {
          guard try !(SourceOpener.open(path) is ContainerSource) else { throw error }
        } catch let other as FileDiagnosis {
          guard case .unsupported? = other.cause as? ConversionError else { throw error }
          throw other
        }
        throw ConversionError.unsupported(
          "this is a checkpoint and no container; hymba-convert makes one of it, and hymba-verify forward checks it as it is"
        )
      }
    }
  }

  /// The containers of a folder, or what else may be done with it.
  private static func advice(_ folder: String) -> String {
    let names = ((try? FileSystem.entries(of: folder)) ?? []).filter { $0.hasSuffix(".hymba") }
    guard let first = names.first else {
      return "; hymba-verify forward checks a checkpoint that is a folder"
    }
    return "; name “\(first.printable)” in it"
      + (names.count > 1 ? ", or one of \(names.count - 1) more" : "")
  }

  private func requireModel() throws {
    guard let text = manifest.description.architecture else { return }
    _ = try inventory(of: Architecture(json: text))
  }

  /// The parameters of an architecture; the tensors must be these, and those that are carried.
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
  /// The damage that kept a container from being opened; nil for an error of another kind.
  public init?(_ error: FileDiagnosis) {
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
