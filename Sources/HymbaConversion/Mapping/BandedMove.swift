import HymbaFormat

/// A move whose tensors are too large to be held whole, and whose targets are made in bands. For each band, the
/// windows of the sources that hold some of it are read once, in order.
struct BandedMove: Sendable {
  /// The map from elements of the targets back to elements of the sources.
  private let map: ElementMap
  private let sources: [TensorDescriptor]
  /// The sources that must equal the first one.
  private let copies: [TensorDescriptor]
  private let hasEqualTargets: Bool
  /// The number of elements that are moved together.
  private let run: Int
  private let runBytes: Int
  /// The number of bytes of a source that are read at once: whole runs.
  private let windowBytes: Int
  /// The number of bytes in a band. The last band of a target may be shorter.
  let bandBytes: Int

  /// The number of bytes that a run takes beside its data while a band is made: the two 4-byte numbers of its
  /// ``Place``.
  private static let runOverhead = 8

  /// - Parameters:
  ///   - sources: The sources of the move.
  ///   - memory: The number of bytes that a band may take. The places of its runs may take about as much again.
  /// - Returns: Nil for a move that has a `same` step after the first step, or a `repeat` step before the last.
  /// - Throws: ``ConversionError/stepMismatch(tensor:step:found:expected:)``.
  init?(_ move: Move, _ sources: [TensorDescriptor], memory: Int) throws(ConversionError) {
    var steps = move.steps[...]
    var sources = sources
    var copies: [TensorDescriptor] = []
    if case .same? = steps.first {
      steps.removeFirst()
      copies = Array(sources.dropFirst())
      sources = Array(sources.prefix(1))
    }
    var hasEqualTargets = false
    if case .repeat? = steps.last {
      steps.removeLast()
      hasEqualTargets = true
    }
    var shapes = sources.map(\.shape.dimensions)
    for step in steps {
      if case .same = step { return nil }
      if case .repeat = step { return nil }
      shapes = try step.shapes(shapes, of: move.sources[0])
    }
    self.map = try ElementMap(steps.reversed().map(\.inverse), shapes, of: move.sources[0])
    self.sources = sources
    self.copies = copies
    self.hasEqualTargets = hasEqualTargets
    let elementSize = sources[0].type.byteSize
    let run = Self.part(of: map.run, atMost: min(memory, 1 << 16) / elementSize)
    let runBytes = run * elementSize
    func wholeRuns(_ bytes: Int) -> Int { max(1, bytes / runBytes) * runBytes }
    (self.run, self.runBytes) = (run, runBytes)
    // For very short runs, the places take more memory than the data.
    self.bandBytes = wholeRuns(min(memory, 2 * memory / Self.runOverhead * runBytes))
    self.windowBytes = wholeRuns(min(memory, 1 << 20))
  }

  /// A large divisor of `run` up to `limit`: a run can be moved in equal parts. The result is 1 when none is
  /// found soon.
  private static func part(of run: Int, atMost limit: Int) -> Int {
    let fewest = max(1, (run + max(1, limit) - 1) / max(1, limit))
    let parts = (fewest..<fewest + 4096).first { run % $0 == 0 }
    return parts.map { run / $0 } ?? 1
  }

  /// The bytes of one band of a target.
  ///
  /// - Parameters:
  ///   - start: The offset of the band's first byte, a multiple of ``bandBytes``.
  ///   - byteCount: The number of bytes in the whole target.
  /// - Throws: ``ConversionError/copiesDiffer(_:_:)``, and what the source throws.
  /// - Complexity: Reads each window of the sources that holds some of the band once. That can be every window.
  func band(
    from start: Int, ofTarget target: Int, byteCount: Int, from source: any CheckpointSource
  ) throws -> [UInt8] {
    let runs = start / runBytes..<min(start + bandBytes, byteCount) / runBytes
    let order = order(of: runs, ofTarget: hasEqualTargets ? 0 : target)
    return try [UInt8](count: runs.count * runBytes) { band in
      for (window, places) in order where !places.isEmpty {
        let bytes = try read(window.range, of: sources[window.source], from: source)
        for place in places {
          let (from, to) = (Int(place.from) * runBytes, Int(place.to) * runBytes)
          unsafe band.withUnsafeMutableBytes { target in
            unsafe target[to..<to + runBytes].copyBytes(from: bytes[from..<from + runBytes])
          }
        }
      }
    }
  }

  /// The place of a run in its window (`from`) and in the band (`to`), counted in runs.
  private struct Place {
    var from: UInt32 = 0
    var to: UInt32 = 0
  }

  private typealias Window = (source: Int, range: Range<Int>)

  /// The runs of a band, grouped by window. The runs of a window are in the order of the band.
  ///
  /// - Complexity: A counting sort: linear in the number of runs and of windows.
  private func order(
    of runs: Range<Int>, ofTarget target: Int
  ) -> [(window: Window, places: ArraySlice<Place>)] {
    var windows: [Window] = []
    var firsts: [Int] = []
    for (index, source) in sources.enumerated() {
      firsts.append(windows.count)
      windows += stride(from: 0, to: source.byteCount, by: windowBytes).map {
        (index, $0..<min($0 + windowBytes, source.byteCount))
      }
    }
    let runsOfWindow = windowBytes / runBytes
    func origin(_ index: Int) -> (window: Int, run: Int) {
      let (source, element) = map.target(ofSource: target, element: index * run)
      let (window, rest) = (element / run).quotientAndRemainder(dividingBy: runsOfWindow)
      return (firsts[source] + window, rest)
    }
    var ends = [Int](repeating: 0, count: windows.count)
    for index in runs { ends[origin(index).window] += 1 }
    var sum = 0
    for index in ends.indices { (ends[index], sum) = (sum, sum + ends[index]) }
    var places = [Place](repeating: Place(), count: runs.count)
    for index in runs {
      let (window, from) = origin(index)
      places[ends[window]] = Place(from: UInt32(from), to: UInt32(index - runs.lowerBound))
      ends[window] += 1
    }
    return windows.indices.map { index in
      (windows[index], places[(index == 0 ? 0 : ends[index - 1])..<ends[index]])
    }
  }

  /// The bytes of a window of a source, compared with the same window of its copies.
  ///
  /// - Throws: ``ConversionError/copiesDiffer(_:_:)``, and what the source throws.
  private func read(
    _ window: Range<Int>, of tensor: TensorDescriptor, from source: any CheckpointSource
  ) throws -> [UInt8] {
    func bytes(_ tensor: TensorDescriptor) throws -> [UInt8] {
      try [UInt8](count: window.count) {
        try source.read(tensor, from: window.lowerBound, into: &$0)
      }
    }
    let first = try bytes(tensor)
    for copy in copies where try bytes(copy) != first {
      throw ConversionError.copiesDiffer(tensor.name, copy.name)
    }
    return first
  }
}
