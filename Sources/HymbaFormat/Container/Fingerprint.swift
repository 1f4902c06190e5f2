/// The identity of a set of weights, whatever the compression, sharding or order of the file.
public enum Fingerprint {
  /// SHA-256 over the lines `name\tDTYPE\t[2,3]\tsha256hex\n`, sorted by the bytes of the name, of every
  /// logical tensor, aliases included.
  public static func compute(_ digests: [(TensorDescriptor, SHA256Digest)]) -> SHA256Digest {
    var hasher = SHA256Hasher()
    for (tensor, digest) in digests.sorted(by: { $0.0.name.utf8Precedes($1.0.name) }) {
      let shape = tensor.shape.dimensions.map(String.init).joined(separator: ",")
      let line = "\(tensor.name)\t\(tensor.type.rawValue)\t[\(shape)]\t\(digest)\n"
      hasher.update(Array(line.utf8).raw)
    }
    return hasher.finalize()
  }

  /// Of any source; reads all of its bytes. A container's must have the digests that its manifest gives.
  ///
  /// - Throws: ``FormatError/sectionDamaged(tensor:_:)`` for a container that is damaged,
  /// ``FormatError/invalidName(_:_:)`` for a name with control characters: a line break in it would
  ///   pass for the next tensor's line. And the errors of the source.
  public static func compute(
    of source: any CheckpointSource, jobs: Int, progress: (Int) -> Void = { _ in }
  ) throws -> SHA256Digest {
    if let name = source.tensors.map(\.name).first(where: {
      $0.hasControlCharacters
    }) {
      throw FormatError.invalidName(
        name, "has control characters and so no line of its own in a fingerprint")
    }
    return compute(
      try source.tensors.map { tensor in
        let digest = try source.digest(of: tensor, jobs: jobs, progress: progress)
        try (source as? ContainerSource)?.require(digest, of: tensor)
        return (tensor, digest)
      })
  }
}
