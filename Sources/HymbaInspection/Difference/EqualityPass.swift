import HymbaConversion
import HymbaFormat
import Synchronization

#if canImport(Glibc)
  import Glibc
#endif

/// Finds out which pairs of tensors hold the same elements, in the order in which they are stored.
///
/// Elements of one type are compared by their bytes, those of two floating-point types by their values. All
/// tensors are read in pieces by several threads. The rest of a pair is left out once it differs.
final class EqualityPass: Sendable {
  private let pair: CheckpointPair
  private let tensors: [Entry]
  private let pieces: [Piece]

  private struct Piece {
    let entry: Int
    let range: Range<Int>
  }

  /// A pair of tensors with as many elements.
  private final class Entry: Sendable {
    let index: Int
    let a: TensorDescriptor
    let b: TensorDescriptor
    private let state: Mutex<(reading: PairReading?, left: Int, differs: Bool)>

    init(_ index: Int, _ a: TensorDescriptor, _ b: TensorDescriptor, pieces: Int) {
      self.index = index
      self.a = a
      self.b = b
      self.state = Mutex((nil, pieces, !Self.canBeEqual(a.type, b.type)))
    }

    private static func canBeEqual(_ a: ElementType, _ b: ElementType) -> Bool {
      a == b || a.isFloatingPoint && b.isFloatingPoint
    }

    var differs: Bool { state.withLock { $0.differs } }

    /// The reading, which all pieces share; nil once the tensors are known to differ.
    func reading(_ pair: CheckpointPair) throws -> PairReading? {
      try state.withLock { state in
        guard !state.differs else { return nil }
        let reading = try state.reading ?? PairReading(a, of: pair.a, b, of: pair.b)
        state.reading = reading
        return reading
      }
    }

    /// Notes that a piece was compared. The reading goes with the last one.
    func end(isEqual: Bool) {
      state.withLock { state in
        state.left -= 1
        state.differs = state.differs || !isEqual
        if state.left == 0 || state.differs { state.reading = nil }
      }
    }
  }

  /// - Parameter tensors: The pairs. Those that lack a tensor, or have other numbers of elements, are left out.
  init(_ pair: CheckpointPair, _ tensors: [TensorPair]) {
    var entries: [Entry] = []
    var pieces: [Piece] = []
    for (index, tensor) in tensors.enumerated() {
      guard let a = tensor.a, let b = tensor.b, a.units == b.units else { continue }
      let size = TensorWindow.elements
      let starts = Array(stride(from: 0, to: a.units, by: size))
      pieces += starts.map { Piece(entry: entries.count, range: $0..<min($0 + size, a.units)) }
      entries.append(Entry(index, a, b, pieces: starts.count))
    }
    self.pair = pair
    self.tensors = entries
    self.pieces = pieces
  }

  /// Reads the tensors.
  ///
  /// - Parameter progress: Is told the bytes of the first checkpoint that were passed since the last call.
  /// - Returns: The positions of the pairs whose elements are the same.
  /// - Throws: The errors of the sources.
  /// - Complexity: Reads every tensor at most once. Memory for a piece of both tensors for each job.
  func run(jobs: Int, progress: (Int) -> Void) throws -> Set<Int> {
    _ = try Parallel.map(count: pieces.count, jobs: jobs, progress: progress) { [self] index, report in
      let piece = pieces[index]
      let entry = tensors[piece.entry]
      if let reading = try entry.reading(pair) {
        do {
          entry.end(isEqual: try Self.isEqual(reading, piece.range))
        } catch {
          // A parameter that cannot be computed of what is stored is just what the user looks for.
          guard StorageSearch.unreadable(error) != nil else { throw error }
          entry.end(isEqual: false)
        }
      }
      report(piece.range.count * entry.a.type.byteSize)
      return ()
    }
    return Set(tensors.filter { !$0.differs }.map(\.index))
  }

  private static func isEqual(_ reading: PairReading, _ range: Range<Int>) throws -> Bool {
    guard reading.typeA != reading.typeB else {
      let (a, b) = try reading.bytes(range)
      return unsafe a.withUnsafeBytes { a in
        unsafe b.withUnsafeBytes { b in
          guard let first = a.baseAddress, let second = b.baseAddress else { return true }
          return unsafe memcmp(first, second, min(a.count, b.count)) == 0
        }
      }
    }
    var isEqual = true
    try reading.forEachValues(range) { _, a, b in
      for index in a.indices where a[index] != b[index] && !(a[index].isNaN && b[index].isNaN) {
        isEqual = false
        return false
      }
      return true
    }
    return isEqual
  }
}

extension PairReading {
  /// Whether all elements are the same.
  /// - Precondition: Both tensors have the same type.
  func isEqual() throws -> Bool {
    for piece in pieces(of: 0..<count) {
      let (a, b) = try bytes(piece)
      guard a == b else { return false }
    }
    return true
  }
}
