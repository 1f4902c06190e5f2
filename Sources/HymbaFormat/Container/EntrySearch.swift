/// Finds the header's entry of everything that a manifest lists. Each entry belongs to one tensor or attachment.
struct EntrySearch {
  private let header: SafetensorsHeader
  private var used: Set<Int>

  init(_ header: SafetensorsHeader) {
    self.header = header
    self.used = Set([header.tensors.position(of: Manifest.entryName)].compactMap(\.self))
  }

  /// The range of each tensor or attachment in the file.
  /// - Parameter role: What they are, for messages.
  /// - Throws: ``FormatError/containerHeader(_:)`` for an entry that is missing, or does not fit its tensor, or is
  ///   that of another one.
  mutating func ranges(of tensors: [StoredTensor], _ role: StoredTensor.Role) throws(FormatError) -> [Range<Int>] {
    var ranges: [Range<Int>] = []
    for tensor in tensors {
      let name = tensor.descriptor.name
      guard let position = header.tensors.position(of: tensor.entry),
        tensor.entry != Manifest.entryName
      else {
        throw .containerHeader(
          "it has no entry “\(tensor.entry.printable)” for the \(role.rawValue) “\(name.printable)”")
      }
      let entry = header.tensors[position]
      let fits =
        switch tensor.encoding {
        case .raw:
          entry.type == tensor.descriptor.type && entry.shape == tensor.descriptor.shape
        case .zstd, .delta: entry.type == .uint8 && tensor.geometry?.fits(in: entry.byteCount) ?? false
        }
      guard fits, used.insert(position).inserted else {
        throw .containerHeader(
          "the entry “\(tensor.entry.printable)” does not fit the \(role.rawValue) “\(name.printable)”")
      }
      ranges.append(range(position))
    }
    return ranges
  }

  /// The entries that were not found, in the order of the file, with ranges in the buffer. The names of those that
  /// a later version adds begin as those of attachments do.
  /// - Parameter mayExist: Whether the version of the file allows such entries.
  /// - Throws: ``FormatError/containerHeader(_:)`` for entries of any other name.
  func rest(mayExist: Bool) throws(FormatError) -> [ContainerHeader.Entry] {
    guard used.count < header.tensors.count else { return [] }
    let rest = header.tensors.indices.filter { !used.contains($0) }
    guard mayExist,
      rest.allSatisfy({ header.tensors[$0].name.utf8.starts(with: AttachmentName.prefix.utf8) })
    else { throw .containerHeader("it has entries that the manifest does not name") }
    return rest.map { position in
      let range = range(position)
      return ContainerHeader.Entry(
        header.tensors[position],
        at: range.lowerBound - header.dataOffset..<range.upperBound - header.dataOffset)
    }
  }

  private func range(_ position: Int) -> Range<Int> {
    header.offsets[position]..<header.offsets[position] + header.tensors[position].byteCount
  }
}
