extension ContainerSource {
  /// - Throws: ``FormatError/sectionDamaged(tensor:_:)`` when the tensor's stored bytes are not those that were
  ///   written, ``FormatError/noSuchTensor(_:)``,
  ///   ``FormatError/rangeOutsideTensor(_:offset:count:available:)``, and the errors of reading the file.
  /// - Complexity: The first read of a tensor reads all of its stored bytes, to compare them.
  public func read(
    _ tensor: TensorDescriptor, from offset: Int, into buffer: inout MutableRawSpan
  ) throws {
    switch storage[try tensors.position(of: tensor, from: offset, count: buffer.byteCount)] {
    case .stored(let position): try read(tensor, at: position, from: offset, into: &buffer)
    case .base: try readBase(tensor, from: offset, into: &buffer)
    }
  }

  /// Everything that is stored, the tensors of the manifest first, then the attachments.
  func stored(_ position: Int) -> (StoredTensor, in: InputFile, at: Range<Int>) {
    let count = manifest.tensors.count
    let file = part(of: position).file
    return position < count
      ? (manifest.tensors[position], file, storedRanges[position])
      : (manifest.attachments[position - count], file, attachedRanges[position - count])
  }

  /// Reads a part of what is stored at a position.
  /// - Parameter tensor: The tensor under the name by which it is read, which may be an alias.
  func read(
    _ tensor: TensorDescriptor, at position: Int, from offset: Int,
    into buffer: inout MutableRawSpan
  ) throws {
    let (stored, file, range) = stored(position)
    guard let geometry = stored.geometry else {
      // A raw tensor that is read in one piece is compared in the buffer, not read twice.
      guard buffer.byteCount == range.count else {
        try requireUndamaged(position, tensor.name)
        return try file.read(at: range.lowerBound + offset, into: &buffer)
      }
      try file.read(at: range.lowerBound, into: &buffer)
      let whole = buffer.bytes
      try checks?.require(position) {
        var hasher = try XXH3Hasher()
        hasher.update(whole)
        try require(hasher.finalize(), of: stored, tensor.name)
      }
      return
    }
    try requireUndamaged(position, tensor.name)
    let section = try recentSections.section(position, tensor.name) { () throws(FormatError) in
      try SectionReader(
        tensor.name, geometry, file, range, comparesChecksums: checks == nil)
    }
    try section.read(from: offset, into: &buffer, base: { try readBase(stored.descriptor, from: $0, into: &$1) })
  }

  /// Begins to read a tensor. A reading of the whole tensor compares the stored bytes with their XXH3 while it
  /// reads them, unless they were found good before.
  ///
  /// - Throws: ``FormatError/sectionDamaged(tensor:_:)`` for a damaged seek table,
  ///   ``FormatError/noSuchTensor(_:)``, and the errors of reading the file.
  public func reading(
    of tensor: TensorDescriptor, _ purpose: ReadingPurpose
  ) throws -> any TensorReading {
    switch storage[try tensors.position(of: tensor, from: 0, count: tensor.byteCount)] {
    case .stored(let position): return try reading(of: tensor, at: position, purpose)
    case .base: return try baseReading(of: tensor, purpose)
    }
  }

  /// Begins to read what is stored at a position.
  func reading(
    of tensor: TensorDescriptor, at position: Int, _ purpose: ReadingPurpose
  ) throws -> any TensorReading {
    guard purpose == .whole, let checks, !checks.isGood(position) else {
      return try reading(of: tensor, at: position, compared: nil)
    }
    return try reading(of: tensor, at: position) { checks.note(position) }
  }

  /// Begins to read the stored tensor at a position.
  /// - Parameters:
  ///   - tensor: The tensor under the name by which it is read, which may be an alias.
  ///   - position: The position of what is stored, as ``stored(_:)`` has it.
  ///   - comparesChecksums: Whether the checksums of frames are compared beside the XXH3. Without the XXH3 they are.
  ///   - isGood: Called when the stored bytes have the right XXH3. With nil they are not compared.
  /// - Throws: ``FormatError/sectionDamaged(tensor:_:)`` for a damaged seek table, and the errors of reading
  ///   the file.
  func reading(
    of tensor: TensorDescriptor, at position: Int, comparesChecksums: Bool = false,
    compared isGood: (@Sendable () -> Void)?
  ) throws -> any TensorReading {
    let (stored, file, range) = stored(position)
    let entry = StoredEntry(
      tensor: tensor.name, file: file, range: range, xxh3: stored.xxh3, isGood: isGood)
    guard let geometry = stored.geometry else { return try RawReading(tensor, entry) }
    let base =
      geometry.holdsDifferences
      ? try baseReading(of: stored.descriptor, isGood == nil ? .parts : .whole) : nil
    return try SectionReading(
      tensor, entry, geometry, comparesChecksums: comparesChecksums || isGood == nil, base: base)
  }

  private func requireUndamaged(_ position: Int, _ name: String) throws {
    try checks?.require(position) {
      let (stored, file, range) = stored(position)
      try require(file.xxh3(of: range), of: stored, name)
    }
  }

  private func require(
    _ found: XXH3Digest, of stored: StoredTensor, _ name: String
  ) throws(FormatError) {
    guard found == stored.xxh3 else {
      throw .sectionDamaged(tensor: name, ContainerDamage.storedBytesDiffer)
    }
  }
}
