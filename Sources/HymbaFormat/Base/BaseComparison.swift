/// What each tensor of a source is beside the tensor of the same name in a base: equal, smaller as the difference, or
/// smaller on its own.
struct BaseComparison: Sendable {
  let base: ContainerSource
  /// The tensors that are equal to the base's, in the order of their names.
  let equal: [TensorDescriptor]
  /// The names of the tensors whose differences take fewer bytes than the tensors do.
  let smaller: Set<NameKey>
  /// The base's tensors. Each is compared with its digests before the first bytes of it are used.
  private let copied: CopiedContainer

  /// Whether anything is smaller for the base. If not, a container that names it needs it for nothing.
  var findsSomething: Bool { !equal.isEmpty || !smaller.isEmpty }

  /// Compares every tensor that a base has, too, of the same type and shape.
  ///
  /// - Parameters:
  ///   - source: The tensors. No digest of theirs is compared here.
  ///   - base: The base.
  ///   - isSection: Whether a tensor would be compressed. Others are stored as they are where they differ.
  ///   - level: How small a tensor by itself would be made.
  ///   - jobs: The number of chunks that are compared at once.
  ///   - progress: Called with the bytes that were compared since the last call.
  /// - Throws: With the path of the base, what reading it throws; the errors of the source.
  /// - Complexity: Reads each of these tensors of both, and encodes each chunk twice. Memory: as
  ///   ``CheckpointSource/forEachWindow(of:windowElements:jobs:_:)``, twice.
  init(
    of source: any CheckpointSource, with base: ContainerSource,
    isSection: (TensorDescriptor) -> Bool, _ level: CompressionLevel = .default, jobs: Int, progress: (Int) -> Void
  ) throws {
    let copied = CopiedContainer(base)
    self.base = base
    self.copied = copied
    // An empty tensor has nothing to refer to.
    let common = source.tensors.filter { tensor in
      guard let other = base.tensors[tensor.name] else { return false }
      return other.type == tensor.type && other.shape == tensor.shape && tensor.byteCount > 0
    }
    let sections = Set(common.filter(isSection).map { NameKey($0.name) })
    var equal: [TensorDescriptor] = []
    var smaller: Set<NameKey> = []
    let encoder = ChunkEncoder(level)
    var sum = ChunkComparison()
    try source.forEachBatch(
      of: common, windowElements: SectionGeometry.chunkElements, jobs: jobs,
      open: { try source.reading(of: $0, .parts) }
    ) { windows in
      let chunks = try Parallel.map(count: windows.count, jobs: jobs) { index in
        let window = windows[index]
        return try ChunkComparison(
          window, copied.bytes(at: window),
          sections.contains(NameKey(window.tensor.name)) ? encoder : nil)
      }
      for (window, chunk) in zip(windows, chunks) {
        sum.add(chunk)
        progress(window.bytes.count)
        guard window.isLast else { continue }
        if sum.isEqual {
          equal.append(window.tensor)
        } else if sum.differenceBytes < sum.ownBytes {
          smaller.insert(NameKey(window.tensor.name))
        }
        sum = ChunkComparison()
      }
    }
    self.equal = equal.sorted { $0.name.utf8Precedes($1.name) }
    self.smaller = smaller
  }

  /// The base's bytes at the place of a window.
  func bytes(at window: TensorWindow) throws -> [UInt8] { try copied.bytes(at: window) }

  /// Reads the tensors that are equal to the base's from the source again, as a writer reads all others.
  ///
  /// - Parameters:
  ///   - source: The source that was compared.
  ///   - jobs: The number of windows that are read at once.
  ///   - progress: Called with the bytes that were read since the last call.
  /// - Returns: What the manifest says about the base.
  /// - Throws: ``BaseProblem/sourceChanged(tensor:)`` where a tensor is no longer equal, and the errors of the source.
  func record(of source: any CheckpointSource, jobs: Int, progress: (Int) -> Void) throws -> BaseRecord {
    let tensors = try equal.map { tensor in
      let digest = try source.digest(of: tensor, jobs: jobs, progress: progress)
      guard try digest == base.sha256(of: tensor.name) else {
        throw FormatError.base(.sourceChanged(tensor: tensor.name))
      }
      return BaseTensor(descriptor: tensor, sha256: digest)
    }
    return BaseRecord(
      fingerprint: base.fingerprint, file: FileSystem.name(of: base.location),
      bytes: base.files.reduce(0) { $0 + $1.bytes }, tensors: tensors)
  }
}

/// What chunks take, as the differences from a base and on their own.
private struct ChunkComparison {
  private(set) var isEqual = true
  private(set) var differenceBytes = 0
  private(set) var ownBytes = 0

  init() {}

  /// - Parameter encoder: Encodes the chunk in both ways; nil where only equality counts.
  init(_ window: TensorWindow, _ base: [UInt8], _ encoder: ChunkEncoder?) throws {
    isEqual = window.bytes == base
    guard let encoder else { return }
    let type = window.tensor.type
    differenceBytes = try encoder.encode(window.bytes.raw, differingFrom: base.raw, type).bytes.count
    ownBytes = try encoder.encode(window.bytes.raw, type).bytes.count
  }

  mutating func add(_ other: ChunkComparison) {
    isEqual = isEqual && other.isEqual
    differenceBytes += other.differenceBytes
    ownBytes += other.ownBytes
  }
}

extension CopiedContainer {
  /// The bytes at the place of a window of another checkpoint's tensor of the same name.
  /// - Throws: With the path of the container, as ``read(_:from:into:)`` does.
  fileprivate func bytes(at window: TensorWindow) throws -> [UInt8] {
    try naming(location) {
      try [UInt8](count: window.bytes.count) { try read(window.tensor, from: window.offset, into: &$0) }
    }
  }
}
