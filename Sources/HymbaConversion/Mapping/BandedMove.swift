import HymbaFormat

/// Makes part of a target of a move whose tensors are too large to be made whole: one pass over the sources
/// for each band of the target.
struct BandedMove: Sendable {
  private let map: ElementMap
  private let sources: [TensorDescriptor]
  /// Sources that must equal the first.
  private let copies: [TensorDescriptor]
  private let hasEqualTargets: Bool

  /// - Parameter sources: Those of the move.
  /// - Returns: Nil for moves that compare or repeat what they made on the way.
  init?(_ move: Move, _ sources: [TensorDescriptor]) throws(ConversionError) {
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
    for step in steps {
      if case .same = step { return nil }
      if case .repeat = step { return nil }
    }
    self.map = try ElementMap(Array(steps), sources.map(\.shape.dimensions), of: move.sources[0])
    self.sources = sources
    self.copies = copies
    self.hasEqualTargets = hasEqualTargets
  }

  /// The bytes `range` of a target.
  ///
  /// - Parameters:
  ///   - range: Begins and ends with an element.
  ///   - windowBytes: How much of a source is read at once; whole elements.
  /// - Throws: ``ConversionError/copiesDiffer(_:_:)``, and what the source throws.
  func bytes(
    _ range: Range<Int>, ofTarget target: Int, from source: any CheckpointSource, windowBytes: Int
  ) throws -> [UInt8] {
    let target = hasEqualTargets ? 0 : target
    return try [UInt8](count: range.count) { band in
      for (index, tensor) in sources.enumerated() {
        for start in stride(from: 0, to: tensor.byteCount, by: windowBytes) {
          let window = start..<min(start + windowBytes, tensor.byteCount)
          let parts = parts(of: window, ofSource: index, tensor.type.byteSize) { part in
            part.target == target && part.to.overlaps(range)
          }
          guard !parts.isEmpty else { continue }
          let bytes = try read(window, of: tensor, from: source)
          for part in parts {
            let wanted = part.to.clamped(to: range)
            let from = part.from + wanted.lowerBound - part.to.lowerBound - start
            let to = wanted.lowerBound - range.lowerBound
            unsafe band.withUnsafeMutableBytes { target in
              unsafe target[to..<to + wanted.count]
                .copyBytes(from: bytes[from..<from + wanted.count])
            }
          }
        }
      }
    }
  }

  /// Bytes that move together.
  private struct Part {
    let target: Int
    let from: Int
    let to: Range<Int>
  }

  private func parts(
    of window: Range<Int>, ofSource source: Int, _ elementSize: Int, where isWanted: (Part) -> Bool
  ) -> [Part] {
    var parts: [Part] = []
    var element = window.lowerBound / elementSize
    let end = window.upperBound / elementSize
    while element < end {
      let count = min(map.run - element % map.run, end - element)
      let (target, to) = map.target(ofSource: source, element: element)
      let part = Part(
        target: target, from: element * elementSize,
        to: to * elementSize..<(to + count) * elementSize)
      if isWanted(part) { parts.append(part) }
      element += count
    }
    return parts
  }

  /// A window of the first source, compared with those that must equal it.
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
