/// A damaged part of a container: its bytes are not those that were written.
public struct ContainerDamage: Sendable, Equatable, CustomStringConvertible {
  public enum Part: Sendable, Equatable, CustomStringConvertible {
    case header
    case manifest
    case tensor(String)
    /// Something that is kept beside the tensors, by its full name.
    case attachment(String)

    public var description: String {
      switch self {
      case .header: "the header"
      case .manifest: "the manifest"
      case .tensor(let name): "the tensor “\(name.printable)”"
      case .attachment(let name):
        AttachmentName(name)?.description ?? "the attachment “\(name.printable)”"
      }
    }
  }

  public let part: Part
  public let detail: String
  /// The name of the file that it is in, for a model in parts; nil for a container in one file.
  public let file: String?

  /// - Parameters:
  ///   - part: What is damaged.
  ///   - detail: What is wrong with it.
  ///   - file: The name of the file that it is in; nil for a container in one file.
  public init(part: Part, detail: String, file: String? = nil) {
    self.part = part
    self.detail = detail
    self.file = file
  }

  public var description: String {
    "\(part)\(file.map { " in \($0.printable)" } ?? "") is damaged: \(detail)"
  }

  static let storedBytesDiffer = "its stored bytes have another XXH3 than the manifest says"
  static let decodedBytesDiffer = "its decoded bytes have another SHA-256 than the manifest says"
}

extension ContainerSource {
  /// Checks every bit of all files: the header against the one that the manifest determines, each entry's stored
  /// bytes against their XXH3, and the decoded bytes of each tensor and attachment against their SHA-256. The
  /// manifest's own digest was checked when the container was opened. Of `unnamedEntries` nothing can be checked.
  ///
  /// The tensors that are equal to the base's are read there, and so are those of which the differences are stored.
  /// Where the base is missing, only the stored bytes of this file are checked. A file in its place that is not the
  /// base is an error.
  ///
  /// - Parameters:
  ///   - jobs: The number of threads. Several tensors are checked at a time.
  ///   - comparesSHA256: Whether the decoded bytes are compared with their SHA-256, which takes most of the time. If
  ///     not, those of sections are compared with the weaker checksums of their frames alone.
  ///   - progress: Called with the number of stored bytes that were checked since the last call.
  /// - Returns: The damaged parts, in the order of the file.
  /// - Throws: The errors of reading the file, and why what is in the place of the base is not the base. Damage is
  ///   returned, not thrown.
  /// - Complexity: Reads each tensor once.
  public func findDamage(
    jobs: Int, comparesSHA256: Bool = true, progress: (Int) -> Void = { _ in }
  ) throws -> [ContainerDamage] {
    try requireNoOtherBase()
    return try findHeaderDamages()
      + findDamage(
        in: 0..<manifest.tensors.count + manifest.attachments.count, jobs: jobs, comparesSHA256, progress: progress)
      + findBaseDamage(jobs: jobs, comparesSHA256)
  }

  /// Checks the attachments alone.
  /// - Throws: The errors of reading the file.
  package func findAttachmentDamage(jobs: Int) throws -> [ContainerDamage] {
    let start = manifest.tensors.count
    return try findDamage(
      in: start..<start + manifest.attachments.count, jobs: jobs, true, progress: { _ in })
  }

  private func findDamage(
    in positions: Range<Int>, jobs: Int, _ comparesSHA256: Bool, progress: (Int) -> Void
  ) throws -> [ContainerDamage] {
    var damage: [ContainerDamage] = []
    // The largest tensors come first, because one thread computes the SHA-256 of a tensor.
    let order = positions.sorted {
      (stored($1).at.count, $0) < (stored($0).at.count, $1)
    }
    let atOnce = max(1, min(jobs, order.count))
    let details = try Parallel.map(count: order.count, jobs: atOnce, progress: progress) {
      index, report in
      try self.damage(at: order[index], jobs: max(1, jobs / atOnce), comparesSHA256, progress: report)
    }
    for (position, detail) in zip(order, details).sorted(by: { $0.0 < $1.0 }) {
      guard let detail else { continue }
      let name = stored(position).0.descriptor.name
      damage.append(
        ContainerDamage(
          part: position < manifest.tensors.count ? .tensor(name) : .attachment(name), detail: detail,
          file: fileName(of: part(of: position))))
    }
    return damage
  }

  /// Compares the header of each file with the one that its manifest determines.
  /// - Returns: The damaged headers.
  /// - Throws: The errors of reading the files.
  package func findHeaderDamages() throws(FormatError) -> [ContainerDamage] {
    var damage: [ContainerDamage] = []
    for part in parts {
      guard let detail = try part.headerDamage() else { continue }
      damage.append(ContainerDamage(part: .header, detail: detail, file: fileName(of: part)))
    }
    return damage
  }

  /// The name of a file, where there are several.
  private func fileName(of part: ContainerFile) -> String? {
    parts.count > 1 ? FileSystem.name(of: part.file.path) : nil
  }

  /// The damage of the stored tensor at a position, or nil. Its stored bytes are compared while they are
  /// decoded.
  private func damage(
    at position: Int, jobs: Int, _ comparesSHA256: Bool, progress: (Int) -> Void
  ) throws -> String? {
    let (stored, file, range) = stored(position)
    let storedBytes = range.count
    var reported = 0
    func report(upTo bytes: Int) {
      progress(bytes - reported)
      reported = bytes
    }
    defer { report(upTo: storedBytes) }
    if stored.encoding == .delta, missingBase != nil {
      return try file.xxh3(of: range) == stored.xxh3 ? nil : ContainerDamage.storedBytesDiffer
    }
    return try damage(of: stored.descriptor, comparesSHA256 ? stored.sha256 : nil, jobs: jobs) { [checks] tensor in
      // A tensor found good here is not compared again by a later pass.
      try self.reading(of: tensor, at: position, comparesChecksums: !comparesSHA256) { checks?.note(position) }
    } progress: { part in
      report(upTo: Int(part * Double(storedBytes)))
    }
  }

  /// The damage of a tensor whose decoded bytes must have a SHA-256, or nil.
  /// - Parameters:
  ///   - sha256: Nil where only what reading the tensor compares counts.
  ///   - open: Begins to read the tensor.
  ///   - progress: Called with the share of the tensor that was read, before the last part.
  func damage(
    of tensor: TensorDescriptor, _ sha256: SHA256Digest?, jobs: Int,
    open: @escaping @Sendable (TensorDescriptor) throws -> any TensorReading,
    progress: (Double) -> Void = { _ in }
  ) throws -> String? {
    var hasher = SHA256Hasher()
    do {
      try forEachBatch(of: [tensor], jobs: jobs, open: open) { windows in
        if sha256 != nil { for window in windows { hasher.update(window.bytes.raw) } }
        guard let last = windows.last, !last.isLast else { return }
        progress(Double(last.offset + last.bytes.count) / Double(last.tensor.byteCount))
      }
    } catch let error as FileDiagnosis {
      guard case FormatError.sectionDamaged(_, let why)? = error.cause as? FormatError else {
        throw error.location == location ? error.cause : error
      }
      return error.location == location ? why : "in its base \(error.location.printable), \(why)"
    }
    return sha256 == nil || hasher.finalize() == sha256 ? nil : ContainerDamage.decodedBytesDiffer
  }
}

extension Manifest {
  /// Compares the parts of the manifest that the header repeats: the version, the header's length and the
  /// source's metadata.
  /// - Throws: ``FormatError/containerHeader(_:)``.
  func requireAgreement(
    with header: SafetensorsHeader, version: String
  ) throws(FormatError) {
    guard version == formatVersion else {
      throw .containerHeader("it is of version \(version), the manifest of \(formatVersion)")
    }
    let length = header.dataOffset - 8
    guard length == headerLength else {
      throw .containerHeader("it has \(length) bytes, the manifest says \(headerLength)")
    }
    let prefix = ContainerHeader.sourcePrefix
    let repeated = header.metadata.count { $0.key.utf8.starts(with: prefix.utf8) }
    guard repeated == description.metadata.count,
      description.metadata.allSatisfy({ header.metadata[prefix + $0.key] == $0.value })
    else {
      throw .containerHeader(
        "its members “\(prefix)…” are not the source's metadata that the manifest has")
    }
  }
}

extension FormatError {
  /// The damage of a container's tensor or attachment; nil for an error of another kind.
  package var tensorDamage: ContainerDamage? {
    switch self {
    case .sectionDamaged(let tensor, let detail): ContainerDamage(part: .tensor(tensor), detail: detail)
    case .attachmentDamaged(let name, let detail):
      ContainerDamage(part: .attachment(name), detail: detail)
    default: nil
    }
  }

  /// The damage that kept a container from being opened; nil for an error of another kind.
  package var damage: ContainerDamage? {
    switch self {
    case .notAReadableContainer, .containerHeader:
      ContainerDamage(part: .header, detail: description)
    case .manifestDamaged, .manifestInvalid, .json, .duplicateName, .invalidName, .invalidShape:
      ContainerDamage(part: .manifest, detail: description)
    default: nil
    }
  }
}
