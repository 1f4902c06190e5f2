import HymbaFormat
import HymbaModel
import Synchronization

/// A checkpoint whose tensors are looked at while others read them: every number is counted, and a container's bytes
/// are compared with their digests.
///
/// Who reads a tensor whole is given its bytes and needs not know. A tensor is looked at once, the first time that it
/// is read whole.
final class InspectedSource: CheckpointSource {
  let tensors: TensorTable
  private let source: any CheckpointSource
  /// The container whose SHA-256 are compared; nil where none is, or they are not.
  private let container: ContainerSource?
  private let countsNumbers: Bool
  private let state = Mutex(State())

  private struct State {
    /// Tensors that are or were read whole.
    var begun: Set<String> = []
    var numbers: [String: TensorNumbers] = [:]
    var bytesRead = 0
  }

  /// - Parameters:
  ///   - source: The parameters of a model.
  ///   - container: Where the parameters are a container's tensors, and are to be compared with their SHA-256.
  ///   - countsNumbers: Whether numbers are counted.
  init(_ source: any CheckpointSource, comparing container: ContainerSource?, countsNumbers: Bool)
  {
    self.source = source
    self.tensors = source.tensors
    self.container = container
    self.countsNumbers = countsNumbers
  }

  var location: String { source.location }
  var metadata: NameTable<String> { source.metadata }
  var embeddedConfiguration: ConfigurationDocument? { source.embeddedConfiguration }
  var notes: [String] { source.notes }
  var leftAside: [LeftAside] { source.leftAside }
  var files: [SourceFile] { source.files }
  func storedBytes(of tensor: TensorDescriptor) -> Int { source.storedBytes(of: tensor) }

  func read(
    _ tensor: TensorDescriptor, from offset: Int, into buffer: inout MutableRawSpan
  ) throws {
    try source.read(tensor, from: offset, into: &buffer)
  }

  func reading(of tensor: TensorDescriptor, _ purpose: ReadingPurpose) throws -> any TensorReading {
    let reading = try source.reading(of: tensor, purpose)
    guard purpose == .whole, begin(tensor.name) else { return reading }
    return InspectedReading(
      reading, hashes: container != nil, counts: countsNumbers && tensor.type.isFloatingPoint,
      isRead: { [self] bytes in state.withLock { $0.bytesRead += bytes } },
      isWhole: { [self] digest, numbers in
        if let digest { try container?.require(digest, of: tensor) }
        state.withLock { $0.numbers[tensor.name] = numbers }
      })
  }

  /// Whether nobody has begun to read the tensor whole.
  private func begin(_ name: String) -> Bool {
    state.withLock { $0.begun.insert(name).inserted }
  }

  /// Bytes of tensors that were read whole or in part, each once.
  var bytesRead: Int { state.withLock { $0.bytesRead } }

  /// What was counted of every tensor that was read whole.
  var numbers: [String: TensorNumbers] { state.withLock { $0.numbers } }

  /// Reads what nobody has read.
  ///
  /// - Parameter progress: Is called now and then.
  /// - Throws: ``FormatError/sectionDamaged(tensor:_:)`` and what the source throws.
  func readRest(jobs: Int, progress: () -> Void) throws {
    let begun = state.withLock { $0.begun }
    let rest = tensors.filter { !begun.contains($0.name) }
    try forEachWindow(of: rest, jobs: jobs) { _ in progress() }
  }
}

/// A tensor that is looked at on its way.
private final class InspectedReading: TensorReading {
  private let reading: any TensorReading
  private let counts: Bool
  private let sha256: TensorHash?
  private let isRead: @Sendable (Int) -> Void
  private let isWhole: @Sendable (SHA256Digest?, TensorNumbers) throws -> Void
  private let counted = Mutex((bytes: 0, numbers: TensorNumbers()))

  init(
    _ reading: any TensorReading, hashes: Bool, counts: Bool,
    isRead: @escaping @Sendable (Int) -> Void,
    isWhole: @escaping @Sendable (SHA256Digest?, TensorNumbers) throws -> Void
  ) {
    self.reading = reading
    self.counts = counts
    self.isRead = isRead
    self.isWhole = isWhole
    self.sha256 = hashes ? TensorHash(reading.tensor.byteCount) : nil
  }

  var tensor: TensorDescriptor { reading.tensor }
  var windowBytes: Int { reading.windowBytes }
  var readsWholeWindows: Bool { reading.readsWholeWindows }
  /// Also what has no digest is read whole: its numbers are counted.
  var isCompared: Bool { true }

  func read(from offset: Int, into buffer: inout MutableRawSpan) throws {
    try reading.read(from: offset, into: &buffer)
    let bytes = buffer.bytes
    isRead(bytes.byteCount)
    let numbers =
      counts
      ? TensorNumbers(bytes, tensor.type, needsRange: NumberCheck.needsRange(tensor.name))
      : TensorNumbers()
    let isCounted = counted.withLock { counted in
      counted.bytes += bytes.byteCount
      counted.numbers.add(numbers)
      return counted.bytes == tensor.byteCount
    }
    // A window is counted before it is hashed: once all are hashed, all are counted.
    guard sha256?.add(offset, bytes) ?? isCounted else { return }
    try isWhole(sha256?.digest, counted.withLock { $0.numbers })
  }
}

/// The SHA-256 of a tensor whose windows come in any order.
private final class TensorHash: Sendable {
  private let hasher: SharedHasher
  private let inOrder: InOrder

  private final class SharedHasher: Sendable {
    let hasher = Mutex(SHA256Hasher())
  }

  init(_ byteCount: Int) {
    let hasher = SharedHasher()
    self.hasher = hasher
    self.inOrder = InOrder(count: byteCount) { bytes in
      hasher.hasher.withLock { $0.update(bytes) }
    }
  }

  /// - Returns: Whether the tensor is hashed with it.
  func add(_ offset: Int, _ bytes: RawSpan) -> Bool { inOrder.add(offset, bytes) }

  /// Of a tensor that is hashed.
  var digest: SHA256Digest { hasher.hasher.withLock { $0.finalize() } }
}
