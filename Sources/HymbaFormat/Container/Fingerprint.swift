/// The identity of a set of weights. It does not depend on the compression, the sharding or the order of the
/// files.
public enum Fingerprint {
  /// The fingerprint: SHA-256 over one line for each logical tensor, aliases included. A line is
  /// `name\tDTYPE\t[2,3]\tsha256hex\n`; the lines are sorted by the bytes of the name.
  /// - Parameter digests: Each tensor with the SHA-256 of its logical bytes.
  /// - Complexity: Sorts the tensors by name.
  public static func compute(_ digests: [(TensorDescriptor, SHA256Digest)]) -> SHA256Digest {
    var hasher = SHA256Hasher()
    for (tensor, digest) in digests.sorted(by: { $0.0.name.utf8Precedes($1.0.name) }) {
      let shape = tensor.shape.dimensions.map(String.init).joined(separator: ",")
      let line = "\(tensor.name)\t\(tensor.type.rawValue)\t[\(shape)]\t\(digest)\n"
      hasher.update(Array(line.utf8).raw)
    }
    return hasher.finalize()
  }

  /// The fingerprint of any source. For a container, the digests must also be those in its manifest.
  ///
  /// - Parameters:
  ///   - source: The tensors. Their names are part of the fingerprint.
  ///   - jobs: The number of windows that are read and decoded at once.
  ///   - progress: Called with the number of logical bytes that were hashed since the last call.
  /// - Throws: ``FormatError/sectionDamaged(tensor:_:)`` for a damaged container;
  ///   ``FormatError/invalidName(_:_:)`` for a name with control characters, since a line break in a name would
  ///   pass for the next tensor's line; and the errors of the source.
  /// - Complexity: Reads every tensor once.
  public static func compute(
    of source: any CheckpointSource, jobs: Int, progress: (Int) -> Void = { _ in }
  ) throws -> SHA256Digest {
    try requireLines(for: source.tensors)
    return compute(
      try source.tensors.map { tensor in
        let digest = try source.digest(of: tensor, jobs: jobs, progress: progress)
        try source.require(digest, of: tensor)
        return (tensor, digest)
      })
  }

  /// Checks that each tensor has a line of its own in the text that is hashed.
  /// - Throws: ``FormatError/invalidName(_:_:)`` for a name with control characters.
  package static func requireLines(for tensors: TensorTable) throws(FormatError) {
    guard let name = tensors.lazy.map(\.name).first(where: \.hasControlCharacters) else { return }
    throw .invalidName(name, "has control characters and so no line of its own in a fingerprint")
  }
}
