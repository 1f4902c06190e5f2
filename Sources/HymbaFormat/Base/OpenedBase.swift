/// The base of an open container.
///
/// A container whose base is not there can be opened, listed and checked as far as its own bytes go. An error comes
/// when a tensor is read that needs the base.
indirect enum OpenedBase: Sendable {
  case open(ContainerSource)
  /// No base was found, or another one. The error says why.
  case missing(any Diagnosis)

  /// Looks for the base beside a container.
  ///
  /// - Parameters:
  ///   - record: What the container says about its base.
  ///   - path: The path of the container.
  ///   - above: The files of the containers that were opened on the way to this container.
  /// - Throws: ``BaseProblem/chainTooLong``, ``BaseProblem/cycle(_:)``, ``FormatError/manifestInvalid(_:)`` for a
  ///   container that names itself.
  init(_ record: BaseRecord, beside path: String, above: [FileIdentity]) throws(FormatError) {
    let place = FileSystem.path(FileSystem.folder(of: path), record.file)
    guard let identity = FileIdentity(place) else {
      self = .missing(FormatError.base(.missing(place)))
      return
    }
    guard let own = FileIdentity(path), identity != own else { throw .manifestInvalid("it names itself as its base") }
    let way = above + [own]
    guard !way.contains(identity) else { throw .base(.cycle(place)) }
    guard way.count < Limits.chainedContainers else { throw .base(.chainTooLong) }
    do throws(FormatError) {
      let file = try InputFile(place)
      let base = try ContainerSource(ContainerFile(file), above: way)
      try record.requireFingerprint(of: base, isNamed: false)
      self = .open(base)
    } catch {
      switch error {
      case .base(.chainTooLong), .base(.cycle): throw error
      case .base(.wrong): self = .missing(error)
      default: self = .missing(FileDiagnosis(place, error))
      }
    }
  }

  /// The base.
  /// - Throws: The error that says why there is none.
  func get() throws -> ContainerSource {
    switch self {
    case .open(let base): return base
    case .missing(let error): throw error
    }
  }
}

extension BaseRecord {
  /// - Parameter isNamed: Whether a user named the base, and it was not looked for beside the container.
  /// - Throws: ``BaseProblem/wrong(expected:path:found:isNamed:)``.
  func requireFingerprint(of base: ContainerSource, isNamed: Bool) throws(FormatError) {
    let found = base.fingerprint
    guard found == fingerprint else {
      throw .base(.wrong(expected: "\(fingerprint)", path: base.location, found: "\(found)", isNamed: isNamed))
    }
  }
}

extension Limits {
  /// Containers of a chain in which each is relative to the next one. To read a tensor of the first, one tensor of each
  /// is read.
  package static let chainedContainers = 4
}
