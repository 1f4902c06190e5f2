/// How a model is divided into parts. It follows from headers alone, so that processes that know nothing of each other
/// make parts that fit together.
package struct PartPlan: Sendable {
  /// What decides how many parts there are.
  package enum Division: Sendable, Equatable {
    /// So many parts, of about the same number of bytes.
    case count(Int)
    /// Parts with at most so many bytes of tensors. A larger tensor has a part of its own.
    case bytes(Int)
  }

  /// The tensors of each part, in the order of the model.
  package let shares: [[TensorDescriptor]]
  /// The SHA-256 of everything that determines the parts, apart from the values of the tensors.
  package let digest: SHA256Digest
  /// The JSON text of the model's manifest without tensors.
  private let model: [UInt8]

  package var count: Int { shares.count }

  /// Divides a model.
  /// - Parameters:
  ///   - tensors: All tensors, in the order in which reading them is cheapest. Neighbours come into one part.
  ///   - attachments: What is kept beside the tensors. It comes into the first part.
  ///   - description: The description of the model.
  ///   - writer: The writer of the parts. How it compresses, and the name of its program, are part of the plan.
  /// - Throws: ``FormatError/partsImpossible(_:)`` for more parts than there are tensors, or than are read.
  package init(
    _ tensors: TensorTable, _ division: Division, attachments: TensorTable,
    description: CheckpointDescription, writer: ContainerWriter
  ) throws(FormatError) {
    let shares: [[TensorDescriptor]]
    switch division {
    case .count(let count):
      guard (1...Limits.parts).contains(count) else {
        throw .partsImpossible("a model has 1 to \(Limits.parts) parts, and \(count) are asked for")
      }
      guard count <= max(1, tensors.count) else {
        throw .partsImpossible(
          "\(count) parts are asked for, and there are \(tensors.count) tensors: each part has at least one")
      }
      shares = Self.divide(tensors, into: count)
    case .bytes(let bytes):
      shares = Self.divide(tensors, ofAtMost: bytes)
      guard shares.count <= Limits.parts else {
        throw .partsImpossible(
          "parts of \(bytes) bytes are \(shares.count), and a model has at most \(Limits.parts)")
      }
    }
    let model = Manifest(
      formatVersion: Manifest.fifthVersion, headerLength: Self.noHeader, creator: writer.creator, description: description,
      tensors: [], aliases: []
    ).json
    self.shares = shares
    self.model = model
    self.digest = Self.digest(shares, attachments, model: model, writer)
  }

  /// The length of header that the manifest of the model states. It has no file, and this is the smallest length.
  private static let noHeader = ContainerHeader.alignment - 8

  /// What the manifest of a part says.
  /// - Parameter number: The number of the part, counted from 1.
  func part(_ number: Int) -> ContainerPart {
    ContainerPart(number: number, count: count, plan: digest, model: number == 1 ? model : nil)
  }

  /// SHA-256 over the compression and its level, the model's manifest, and a line for each tensor and attachment: the number of its
  /// part, its name, its type and its shape.
  private static func digest(
    _ shares: [[TensorDescriptor]], _ attachments: TensorTable, model: [UInt8],
    _ writer: ContainerWriter
  ) -> SHA256Digest {
    var hasher = SHA256Hasher()
    func add(_ text: String) { hasher.update(Array(text.utf8).raw) }
    func add(_ tensor: TensorDescriptor, part: Int) {
      let shape = tensor.shape.dimensions.map(String.init).joined(separator: ",")
      add("\(part)\t\(tensor.name)\t\(tensor.type.rawValue)\t[\(shape)]\n")
    }
    let level = writer.level == .default ? "" : ", level \(writer.level.rawValue)"
    add("\(shares.count) parts, compression \(writer.compression.rawValue)\(level)\n")
    hasher.update(model.raw)
    add("\n")
    for (index, share) in shares.enumerated() {
      for tensor in share { add(tensor, part: index + 1) }
    }
    for attachment in attachments { add(attachment, part: 1) }
    return hasher.finalize()
  }
}

extension PartPlan {
  /// Divides tensors into parts of about equal bytes. A part ends before the tensor with which it would be further from
  /// its share than without.
  private static func divide(_ tensors: TensorTable, into count: Int) -> [[TensorDescriptor]] {
    var shares: [[TensorDescriptor]] = []
    var next = tensors.startIndex
    var rest = tensors.totalBytes
    for left in stride(from: count, to: 1, by: -1) {
      let target = rest / left
      var share: [TensorDescriptor] = []
      var bytes = 0
      // Each part that follows needs a tensor.
      while tensors.endIndex - next >= left {
        let tensor = tensors[next]
        guard share.isEmpty || bytes + tensor.byteCount / 2 <= target else { break }
        share.append(tensor)
        bytes += tensor.byteCount
        next += 1
      }
      shares.append(share)
      rest -= bytes
    }
    return shares + [Array(tensors[next...])]
  }

  private static func divide(_ tensors: TensorTable, ofAtMost limit: Int) -> [[TensorDescriptor]] {
    var shares: [[TensorDescriptor]] = [[]]
    var bytes = 0
    for tensor in tensors {
      if !shares[shares.count - 1].isEmpty, tensor.byteCount > limit - bytes {
        shares.append([])
        bytes = 0
      }
      shares[shares.count - 1].append(tensor)
      bytes += tensor.byteCount
    }
    return shares
  }
}
