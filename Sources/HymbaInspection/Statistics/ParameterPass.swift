package import HymbaFormat
import Synchronization

/// Statistics and digests of tensors, from reading each once.
package struct ParameterPass: Sendable {
  /// What was found of one tensor.
  package struct Result: Sendable {
    /// Nil for a tensor of whole numbers or of a type whose values are not read, and where none were asked for.
    package var statistics: TensorStatistics?
    /// The statistics of the tensor's logical parts, in their order; none where it has no parts.
    package var parts: [(name: String, statistics: TensorStatistics)] = []
    /// The digest of the tensor's logical bytes: dense, row-major, little-endian. Nil where none was asked for.
    package var sha256: SHA256Digest?
    /// What conventions are judged by. Nil where no statistics were made.
    package var figures: ParameterFigures?
  }

  /// Whether statistics are made.
  package var makesStatistics = true
  /// Whether digests are made.
  package var makesDigests = false
  /// The most values of a tensor that are kept themselves, for tests.
  var keptValues = ValueTally.keptValues

  package init(makesStatistics: Bool = true, makesDigests: Bool = false) {
    self.makesStatistics = makesStatistics
    self.makesDigests = makesDigests
  }

  /// Reads tensors, in windows and from several threads.
  ///
  /// - Parameters:
  ///   - parts: The logical parts of a tensor.
  ///   - plan: What else is looked at in a tensor; nil for one that is no parameter of the model.
  ///   - progress: Is told the bytes that were read since the last call.
  /// - Returns: What was found, by the names of the tensors.
  /// - Throws: What reading the tensors throws.
  /// - Complexity: Reads each tensor once. The memory is that of `jobs` windows, and a few megabytes for each
  ///   tensor that is being read.
  package func results(
    of tensors: [TensorDescriptor], in source: any CheckpointSource, jobs: Int,
    parts: @escaping @Sendable (TensorDescriptor) -> [TensorPart] = { _ in [] },
    plan: @escaping @Sendable (TensorDescriptor) -> FigurePlan? = { _ in nil },
    progress: (Int) -> Void = { _ in }
  ) throws -> [String: Result] {
    let observed = ObservedSource(source, self, parts, plan)
    try observed.forEachWindow(of: tensors, jobs: jobs) { progress($0.bytes.count) }
    return observed.results.withLock { $0 }
  }
}

/// A checkpoint whose tensors are looked at while they are read.
private final class ObservedSource: CheckpointSource {
  private let source: any CheckpointSource
  private let pass: ParameterPass
  private let parts: @Sendable (TensorDescriptor) -> [TensorPart]
  private let plan: @Sendable (TensorDescriptor) -> FigurePlan?
  let results = Mutex<[String: ParameterPass.Result]>([:])

  init(
    _ source: any CheckpointSource, _ pass: ParameterPass,
    _ parts: @escaping @Sendable (TensorDescriptor) -> [TensorPart],
    _ plan: @escaping @Sendable (TensorDescriptor) -> FigurePlan?
  ) {
    self.source = source
    self.pass = pass
    self.parts = parts
    self.plan = plan
  }

  var location: String { source.location }
  var tensors: TensorTable { source.tensors }
  var files: [SourceFile] { source.files }

  func read(
    _ tensor: TensorDescriptor, from offset: Int, into buffer: inout MutableRawSpan
  ) throws { try source.read(tensor, from: offset, into: &buffer) }

  func reading(of tensor: TensorDescriptor, _ purpose: ReadingPurpose) throws -> any TensorReading {
    ObservedReading(
      try source.reading(of: tensor, purpose), pass, parts(tensor), plan(tensor)
    ) { [self] result in
      results.withLock { $0[tensor.name] = result }
    }
  }
}

/// A reading of a whole tensor that looks at its bytes on their way.
private final class ObservedReading: TensorReading {
  private let reading: any TensorReading
  private let pass: ParameterPass
  private let parts: [TensorPart]
  private let form: ValueTally.Form?
  private let sha256: OrderedHash<SHA256Hasher>?
  /// The tally of figures before anything was read, which looks at pieces; nil where there is none.
  private let figures: FigureTally?
  private let state: Mutex<State>
  private let isWhole: @Sendable (ParameterPass.Result) -> Void

  private struct State {
    var bytes = 0
    /// The tally of all elements; nil where the parts have all.
    var whole: ValueTally?
    var parts: [ValueTally]
    var figures: FigureTally?
  }

  init(
    _ reading: any TensorReading, _ pass: ParameterPass, _ parts: [TensorPart], _ plan: FigurePlan?,
    isWhole: @escaping @Sendable (ParameterPass.Result) -> Void
  ) {
    let tensor = reading.tensor
    self.reading = reading
    self.pass = pass
    self.isWhole = isWhole
    let form =
      pass.makesStatistics && tensor.type.isFloatingPoint
      ? ValueTally.Form(
        tensor.type, elements: tensor.shape.elementCount, keptValues: pass.keptValues) : nil
    self.form = form
    self.parts = form == nil ? [] : parts
    self.figures = form == nil ? nil : plan.map { FigureTally(tensor, $0) }
    let empty = form.map { ValueTally(tensor.type, $0) }
    self.sha256 =
      pass.makesDigests ? OrderedHash(count: tensor.byteCount, SHA256Hasher()) : nil
    self.state = Mutex(
      State(
        whole: self.parts.isEmpty ? empty : nil,
        parts: self.parts.compactMap { _ in empty }, figures: figures))
  }

  var tensor: TensorDescriptor { reading.tensor }
  var windowBytes: Int { reading.windowBytes }
  var readsWholeWindows: Bool { reading.readsWholeWindows }
  var isCompared: Bool { reading.isCompared }

  func read(from offset: Int, into buffer: inout MutableRawSpan) throws {
    try reading.read(from: offset, into: &buffer)
    let bytes = buffer.bytes
    let tallies = tallies(bytes, offset)
    let piece = figures?.piece(bytes, at: offset)
    let isCounted = state.withLock { state in
      state.bytes += bytes.byteCount
      if let piece { state.figures?.add(piece) }
      if let whole = tallies.whole { state.whole?.add(whole) }
      for (index, tally) in tallies.parts { state.parts[index].add(tally) }
      return state.bytes == tensor.byteCount
    }
    // Each window is counted before it is hashed. So once all windows are hashed, all are counted.
    guard sha256?.add(offset, bytes) ?? isCounted else { return }
    finish()
  }

  private func tallies(
    _ bytes: RawSpan, _ offset: Int
  ) -> (whole: ValueTally?, parts: [(Int, ValueTally)]) {
    guard let form else { return (nil, []) }
    guard !parts.isEmpty else {
      return (ValueTally(tensor.type, form, bytes, at: offset), [])
    }
    let size = tensor.type.byteSize
    let window = offset / size..<(offset + bytes.byteCount) / size
    var found: [(Int, ValueTally)] = []
    for (index, part) in parts.enumerated() {
      for range in part.elements where range.overlaps(window) {
        let own = range.clamped(to: window)
        let start = (own.lowerBound - window.lowerBound) * size
        let piece = bytes.extracting(start..<start + own.count * size)
        found.append((index, ValueTally(tensor.type, form, piece, at: own.lowerBound)))
      }
    }
    return (nil, found)
  }

  private func finish() {
    var result = ParameterPass.Result()
    result.sha256 = sha256?.finish { $0.finalize() }
    if let form {
      let (whole, tallies, figures) = state.withLock { ($0.whole, $0.parts, $0.figures) }
      let isExact = if case .keys = form { false } else { true }
      var all = whole ?? ValueTally(tensor.type, form)
      for tally in tallies { all.add(tally) }
      let statistics = TensorStatistics(all, isExact: isExact)
      result.statistics = statistics
      result.figures = figures?.figures(
        zeros: statistics.zeroCount, isFinite: statistics.isFinite, constant: statistics.constant)
      result.parts = zip(parts, tallies).map {
        ($0.name, TensorStatistics($1, isExact: isExact))
      }
    }
    isWhole(result)
  }
}
