import HymbaFormat
import HymbaInspection
import HymbaModel
import Synchronization

/// A checkpoint that inspects its tensors while others read them. It counts every number, looks at what
/// conventions are judged by, and compares a container's bytes with their digests.
///
/// Code that reads a tensor gets the usual bytes. A tensor is inspected once, the first time that it is read
/// whole.
final class InspectedSource: DerivedSource {
  let tensors: TensorTable
  let source: any CheckpointSource
  /// The container with whose SHA-256 digests the tensors are compared; nil where they are not compared.
  private let container: ContainerSource?
  /// Whether every tensor is hashed, whether it is compared or not.
  private let hashesAll: Bool
  private let countsNumbers: Bool
  /// What conventions are judged by, for the parameters that are judged.
  private let plans: [String: FigurePlan]
  private let state = Mutex(State())

  private struct State {
    /// The tensors whose whole reading has begun or is complete.
    var begun: Set<String> = []
    var numbers: [String: TensorNumbers] = [:]
    var figures: [String: ParameterFigures] = [:]
    var bytesRead = 0
    var digests: [String: SHA256Digest] = [:]
  }

  /// - Parameters:
  ///   - source: The parameters of a model.
  ///   - container: The container whose tensors the parameters are, if they are to be compared with their
  ///     SHA-256 digests.
  ///   - hashesAll: Whether every tensor is hashed, so that ``fingerprint()`` is known.
  ///   - countsNumbers: Whether the numbers of every tensor are counted.
  ///   - plans: What is looked at beside, by the names of tensors, whose numbers are then counted too.
  init(
    _ source: any CheckpointSource, comparing container: ContainerSource?, hashesAll: Bool = false,
    countsNumbers: Bool, plans: [String: FigurePlan] = [:]
  ) {
    self.source = source
    self.tensors = source.tensors
    self.container = container
    self.hashesAll = hashesAll
    self.countsNumbers = countsNumbers
    self.plans = plans
  }

  func reading(of tensor: TensorDescriptor, _ purpose: ReadingPurpose) throws -> any TensorReading {
    let reading = try source.reading(of: tensor, purpose)
    guard purpose == .whole, begin(tensor.name) else { return reading }
    let plan = plans[tensor.name]
    return InspectedReading(
      reading, hashes: container != nil || hashesAll,
      counts: (countsNumbers || plan != nil) && tensor.type.isFloatingPoint, plan,
      isRead: { [self] bytes in state.withLock { $0.bytesRead += bytes } },
      isWhole: { [self] digest, numbers, figures in
        if let digest { try container?.require(digest, of: tensor) }
        state.withLock { state in
          state.numbers[tensor.name] = numbers
          state.figures[tensor.name] = figures
          state.digests[tensor.name] = hashesAll ? digest : nil
        }
      })
  }

  /// Notes that the tensor is being read whole. True the first time.
  private func begin(_ name: String) -> Bool {
    state.withLock { $0.begun.insert(name).inserted }
  }

  /// The bytes that were read through whole readings so far. Later readings of a tensor do not count.
  var bytesRead: Int { state.withLock { $0.bytesRead } }

  /// The fingerprint of all tensors; nil where one was not hashed.
  /// - Throws: ``FormatError/invalidName(_:_:)`` for a name that has no line of its own.
  func fingerprint() throws -> SHA256Digest? {
    try Fingerprint.requireLines(for: tensors)
    let digests = state.withLock { $0.digests }
    let hashed = tensors.compactMap { tensor in digests[tensor.name].map { (tensor, $0) } }
    return hashed.count == tensors.count ? Fingerprint.compute(hashed) : nil
  }

  /// The counted numbers of every tensor that was read whole, by name.
  var numbers: [String: TensorNumbers] { state.withLock { $0.numbers } }

  /// What conventions are judged by, of every tensor with a plan that was read whole, by name.
  var figures: [String: ParameterFigures] { state.withLock { $0.figures } }

  /// Reads every tensor that nobody has begun to read whole.
  ///
  /// - Parameter progress: Called after each window.
  /// - Throws: ``FormatError/sectionDamaged(tensor:_:)`` and the errors of the source.
  func readRest(jobs: Int, progress: () -> Void) throws {
    let begun = state.withLock { $0.begun }
    let rest = tensors.filter { !begun.contains($0.name) }
    try forEachWindow(of: rest, jobs: jobs) { _ in progress() }
  }
}

/// A reading that inspects the tensor's bytes on their way.
private final class InspectedReading: TensorReading {
  private let reading: any TensorReading
  private let counts: Bool
  private let sha256: OrderedHash<SHA256Hasher>?
  private let isRead: @Sendable (Int) -> Void
  private let isWhole: @Sendable (SHA256Digest?, TensorNumbers, ParameterFigures?) throws -> Void
  /// The tally before anything was read, which looks at pieces; nil where nothing is looked at.
  private let tally: FigureTally?
  private let counted: Mutex<Counted>

  private struct Counted {
    var bytes = 0
    var numbers = TensorNumbers()
    var tally: FigureTally?
  }

  init(
    _ reading: any TensorReading, hashes: Bool, counts: Bool, _ plan: FigurePlan?,
    isRead: @escaping @Sendable (Int) -> Void,
    isWhole: @escaping @Sendable (SHA256Digest?, TensorNumbers, ParameterFigures?) throws -> Void
  ) {
    self.reading = reading
    self.counts = counts
    self.isRead = isRead
    self.isWhole = isWhole
    let tally = counts ? plan.map { FigureTally(reading.tensor, $0) } : nil
    self.tally = tally
    self.counted = Mutex(Counted(tally: tally))
    self.sha256 = hashes ? OrderedHash(count: reading.tensor.byteCount, SHA256Hasher()) : nil
  }

  var tensor: TensorDescriptor { reading.tensor }
  var windowBytes: Int { reading.windowBytes }
  var readsWholeWindows: Bool { reading.readsWholeWindows }
  /// A tensor without a digest is read whole too where its numbers are counted.
  var isCompared: Bool { counts || sha256 != nil || reading.isCompared }

  func read(from offset: Int, into buffer: inout MutableRawSpan) throws {
    try reading.read(from: offset, into: &buffer)
    let bytes = buffer.bytes
    isRead(bytes.byteCount)
    let numbers =
      counts
      ? TensorNumbers(bytes, tensor.type, needsRange: StateSpaceRanges.needsRange(tensor.name))
      : TensorNumbers()
    let piece = tally?.piece(bytes, at: offset)
    let isCounted = counted.withLock { counted in
      counted.bytes += bytes.byteCount
      if let piece { counted.tally?.add(piece) }
      counted.numbers.add(numbers)
      return counted.bytes == tensor.byteCount
    }
    // Each window is counted before it is hashed. So once all windows are hashed, all are counted.
    guard sha256?.add(offset, bytes) ?? isCounted else { return }
    let all = counted.withLock { $0 }
    let figures = all.tally?.figures(
      zeros: all.numbers.zeros, isFinite: all.numbers.isFinite,
      constant: all.numbers.constant.map(Double.init))
    try isWhole(sha256?.finish { $0.finalize() }, all.numbers, figures)
  }
}
