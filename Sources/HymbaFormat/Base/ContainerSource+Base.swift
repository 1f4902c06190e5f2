extension ContainerSource {
  /// Whether tensors of this container are stored as equal to those of another container, or as differences from them.
  public var isRelative: Bool { manifest.base != nil }

  /// The containers that are needed to read this one: this one, its base, the base of that, and so on.
  package var chain: [ContainerSource] {
    guard case .open(let base) = base else { return [self] }
    return [self] + base.chain
  }

  /// This container with a base that a user named, in place of the one that was found beside it.
  ///
  /// - Parameter base: The base, open.
  /// - Returns: The same container, reading from that base.
  /// - Throws: ``BaseProblem/notRelative`` for a container without a base,
  ///   ``BaseProblem/wrong(expected:path:found:isNamed:)``, ``BaseProblem/chainTooLong``, and
  ///   ``FormatError/manifestInvalid(_:)`` where the base lacks a tensor that is needed.
  package func relative(to base: ContainerSource) throws(FormatError) -> ContainerSource {
    guard let record = manifest.base else { throw .base(.notRelative) }
    try record.requireFingerprint(of: base, isNamed: true)
    guard base.chain.count < Limits.chainedContainers else { throw .base(.chainTooLong) }
    try manifest.requireTensors(in: base)
    var copy = self
    copy.base = .open(base)
    return copy
  }

  /// Makes sure that every tensor can be read: that the base is there where one is needed, and the base of that.
  /// - Throws: As ``missingBase`` says.
  package func requireBase() throws {
    if let missingBase { throw missingBase }
  }

  /// Makes sure that every tensor of this container can be read where it is the base of another one.
  /// - Throws: As ``requireBase()``, with the path of this container for what is wrong with its own base.
  package func requireBaseOfBase() throws {
    if let missingBaseOfBase { throw missingBaseOfBase }
  }

  /// Begins to read the base's tensor of the same name.
  ///
  /// - Parameters:
  ///   - tensor: The tensor under its name in the base.
  ///   - purpose: For what it is read.
  /// - Throws: Why there is no base, and with the path of the base what it throws.
  func baseReading(of tensor: TensorDescriptor, _ purpose: ReadingPurpose) throws -> any TensorReading {
    let base = try requiredBase()
    return try naming(base.location) {
      LocatedReading(original: try base.reading(of: tensor, purpose), location: base.location)
    }
  }

  /// Reads a part of the base's tensor of the same name.
  /// - Throws: As ``baseReading(of:_:)``.
  func readBase(
    _ tensor: TensorDescriptor, from offset: Int, into buffer: inout MutableRawSpan
  ) throws {
    let base = try requiredBase()
    do {
      try base.read(tensor, from: offset, into: &buffer)
    } catch {
      try naming(base.location) { throw error }
    }
  }

  private func requiredBase() throws -> ContainerSource {
    guard let base else { throw FormatError.base(.notRelative) }
    return try base.get()
  }
}
