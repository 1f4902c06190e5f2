/// The tensors of a container whose bytes are written into another file.
///
/// A reader that computes with a tensor is content with the XXH3 of its stored bytes. A copy outlives the digests of
/// its container, so here the decoded bytes of each tensor are compared with their SHA-256 as well: while the whole
/// tensor is read, or before the first bytes of it are returned.
package struct CopiedContainer: CheckpointSource {
  private let container: ContainerSource
  private let checks = DigestChecks()

  package init(_ container: ContainerSource) { self.container = container }

  package var location: String { container.location }
  package var tensors: TensorTable { container.tensors }
  package var metadata: NameTable<String> { container.metadata }
  package var embeddedConfiguration: ConfigurationDocument? { container.embeddedConfiguration }
  package var files: [SourceFile] { container.files }

  package func storedBytes(of tensor: TensorDescriptor) -> Int { container.storedBytes(of: tensor) }

  /// - Throws: ``FormatError/sectionDamaged(tensor:_:)``, and as `ContainerSource` does.
  /// - Complexity: The first read of a tensor decodes all of it, to compare it.
  package func read(
    _ tensor: TensorDescriptor, from offset: Int, into buffer: inout MutableRawSpan
  ) throws {
    let position = try tensors.position(of: tensor, from: offset, count: buffer.byteCount)
    try checks.require(position) {
      // The whole reading throws where a digest differs.
      let reading = try compared(tensor)
      for window in 0..<reading.windowCount {
        let range = reading.range(ofWindow: window)
        _ = try [UInt8](count: range.count) { try reading.read(from: range.lowerBound, into: &$0) }
      }
    }
    try container.read(tensor, from: offset, into: &buffer)
  }

  /// - Throws: ``FormatError/sectionDamaged(tensor:_:)``, also with the last bytes of a whole reading, and as
  ///   `ContainerSource` does.
  package func reading(
    of tensor: TensorDescriptor, _ purpose: ReadingPurpose
  ) throws -> any TensorReading {
    let position = try tensors.position(of: tensor, from: 0, count: tensor.byteCount)
    guard purpose == .whole, !checks.isGood(position) else {
      return try container.reading(of: tensor, purpose)
    }
    return try compared(tensor)
  }

  private func compared(_ tensor: TensorDescriptor) throws -> HashedReading {
    HashedReading(try container.reading(of: tensor, .whole)) { try container.require($0, of: tensor) }
  }
}

extension CheckpointSource {
  /// This source for what copies its bytes, or what is made of them, into another file.
  package var copied: any CheckpointSource {
    (self as? ContainerSource).map { CopiedContainer($0) } ?? self
  }
}

/// A reading of a whole tensor that passes on the SHA-256 of its bytes with the last of them.
private struct HashedReading: TensorReading {
  private let original: any TensorReading
  private let hash: OrderedHash<SHA256Hasher>
  private let isRead: @Sendable (SHA256Digest) throws -> Void

  init(_ original: any TensorReading, isRead: @escaping @Sendable (SHA256Digest) throws -> Void) {
    self.original = original
    self.hash = OrderedHash(count: original.tensor.byteCount, SHA256Hasher())
    self.isRead = isRead
  }

  var tensor: TensorDescriptor { original.tensor }
  var windowBytes: Int { original.windowBytes }
  var readsWholeWindows: Bool { original.readsWholeWindows }
  var isCompared: Bool { true }

  func read(from offset: Int, into buffer: inout MutableRawSpan) throws {
    try original.read(from: offset, into: &buffer)
    if hash.add(offset, buffer.bytes) { try isRead(hash.finish { $0.finalize() }) }
  }
}
