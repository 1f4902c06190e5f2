import HymbaConversion
import HymbaFormat
import Synchronization

/// Looks for what storing a model in a GGUF file made of a tensor: multiplied weights, -exp(A_log), and rounding to a
/// type of that format.
final class StorageSearch: Sendable {
  let pair: CheckpointPair
  let jobs: Int
  /// One of the checkpoints as it is read again after a conversion, by what was done to it.
  private let converted = Mutex<[Conversion: CheckpointPair.Side]>([:])

  private let searches = Mutex<[Conversion: ExplanationSearch]>([:])

  struct Conversion: Hashable {
    let isFirst: Bool
    /// How many times the weights are multiplied.
    let times: Int
    /// The type in which they are stored then; nil for F32.
    let type: String?
  }

  struct Result {
    var explanation: Explanation?
    /// The relative change that the blocks of a quantised tensor allow at best; nil for one that is not.
    var leastChange: Double?
  }

  init(_ pair: CheckpointPair, jobs: Int) {
    self.pair = pair
    self.jobs = jobs
  }

  /// - Throws: The errors of the sources.
  func result(_ a: TensorDescriptor, _ b: TensorDescriptor) throws -> Result? {
    guard a.shape == b.shape, a.type.isFloatingPoint, b.type.isFloatingPoint else { return nil }
    if let explanation = try decay(a, b) { return Result(explanation: explanation) }
    for isFirst in [true, false] {
      let (original, stored) = isFirst ? (a, b) : (b, a)
      if let explanation = try conversion(original, stored, isFirst: isFirst) {
        return Result(explanation: explanation, leastChange: try leastChange(original, stored, isFirst))
      }
    }
    for isFirst in [true, false] {
      let (original, stored) = isFirst ? (a, b) : (b, a)
      if let result = try blocks(original, stored, isFirst: isFirst) { return result }
    }
    return nil
  }

  // MARK: Sides

  func side(_ isFirst: Bool) -> CheckpointPair.Side { isFirst ? pair.a : pair.b }

  /// One of the checkpoints as it is read again after a conversion; nil for a type that nothing is stored in here.
  func converted(_ conversion: Conversion) throws -> CheckpointPair.Side? {
    if let known = converted.withLock({ $0[conversion] }) { return known }
    let side = side(conversion.isFirst)
    var source = side.source
    if let recipe = pair.conversion {
      for _ in 0..<conversion.times { source = try recipe.multiplied(source) }
    }
    if let type = conversion.type {
      guard let stored = try StoredSource(source, in: type) else { return nil }
      source = stored
    }
    let made = CheckpointPair.Side(location: side.location, source: source, layout: side.layout)
    converted.withLock { $0[conversion] = made }
    return made
  }

  /// The search with one checkpoint rounded to a type; nil for a type that nothing is stored in here.
  func search(afterRounding type: String, isFirst: Bool) throws -> ExplanationSearch? {
    let conversion = Conversion(isFirst: isFirst, times: 0, type: type)
    if let known = searches.withLock({ $0[conversion] }) { return known }
    guard let side = try converted(conversion) else { return nil }
    let made = ExplanationSearch(pair.replacing(side, isFirst: isFirst), jobs: jobs)
    searches.withLock { $0[conversion] = made }
    return made
  }

  /// The types in which a tensor of one side may have been stored. A container of a GGUF file does not say them.
  func types(of tensor: TensorDescriptor, isFirst: Bool) -> [String] {
    let side = side(isFirst)
    if let type = side.source.storedType(of: tensor) { return StoredSource.types.filter { $0 == type } }
    return side.isFromGGUF && side.levels == nil ? StoredSource.types : []
  }

  private func reading(
    _ original: TensorDescriptor, _ conversion: Conversion, _ stored: TensorDescriptor
  ) throws -> PairReading? {
    guard let side = try converted(conversion), let tensor = side.source.tensors[original.name] else { return nil }
    return try PairReading(tensor, of: side, stored, of: self.side(!conversion.isFirst))
  }

  private func told(_ words: String, isFirst: Bool) -> String {
    isFirst ? words : "the first is the second \(words)"
  }

  // MARK: Multiplied and rounded weights

  /// The explanation by what the converter computes of the original.
  private func conversion(
    _ original: TensorDescriptor, _ stored: TensorDescriptor, isFirst: Bool
  ) throws -> Explanation? {
    let factors = pair.conversion?.multiplication(of: original.name)
    let types = types(of: stored, isFirst: !isFirst)
    for times in 0...(factors == nil ? 0 : 2) {
      var words: [String] = []
      if let factors, times > 0 { words.append(factors.words + (times == 2 ? ", twice" : "")) }
      for type in [nil] + types.map({ $0 }) where times > 0 || type != nil {
        let conversion = Conversion(isFirst: isFirst, times: times, type: type)
        guard let reading = try reading(original, conversion, stored),
          try reading.isEqual(jobs: jobs)
        else { continue }
        let rounding = type.map { "rounded to \($0)" + ($0 == "Q8_0" ? " as llama.cpp's converter rounds" : "") }
        let text = (words + [rounding].compactMap { $0 }).joined(separator: ", and ")
        return Explanation(times > 0 ? .scale : .cast, told(text, isFirst: isFirst), exact: true)
      }
      // Each factor rounds once where it is multiplied and once where it is divided by again.
      guard let factors, isFirst || times > 0,
        let reading = try reading(original, Conversion(isFirst: isFirst, times: times, type: nil), stored)
      else { continue }
      let units = Double(factors.count * (times + 1))
      guard let steps = FloatSteps(reading.typeB),
        try reading.allSatisfy(jobs: jobs, { steps.isNear($0, $1, units: units) })
      else { continue }
      guard times > 0 else {
        return Explanation(
          .cast, "\(factors.words), and divided again", exact: false)
      }
      return Explanation(.scale, told(words[0], isFirst: isFirst), exact: false)
    }
    return nil
  }

  // MARK: A_log

  /// Libraries differ by some units in the last place of exp.
  private static let unitsOfExp = 4.0

  /// The explanation by what is stored for A_log; nil for another parameter.
  private func decay(_ a: TensorDescriptor, _ b: TensorDescriptor) throws -> Explanation? {
    for isFirst in [false, true] {
      let (stored, original) = isFirst ? (a, b) : (b, a)
      let (own, other) = (side(isFirst), side(!isFirst))
      guard let name = pair.conversion?.kept[stored.name], let kept = own.source.tensors[name],
        other.source.tensors[name] == nil, kept.units == original.units
      else { continue }
      let raw = try PairReading(original, of: other, kept, of: own)
      if try raw.isEqual(jobs: jobs) {
        return Explanation(
          .exponential, "\(isFirst ? "the first holds " : "")A_log itself where -exp(A_log) belongs", exact: true)
      }
      let reading = try PairReading(original, of: other, stored, of: own)
      // The converter computes in F16 of F16, and in F32 otherwise. A small change of -exp(A_log) relative to itself is
      // the same change of A_log, and the logarithm rounds once more.
      let isHalf = original.type == .float16 || other.source.storedType(of: original) == "F16"
      guard let computed = FloatSteps(isHalf ? .float16 : .float32), let steps = FloatSteps(stored.type) else {
        continue
      }
      let isRounding = try reading.allSatisfy(jobs: jobs) { original, stored in
        stored.isFinite && abs(stored - original) <= Self.unitsOfExp * computed.epsilon + steps.step(at: stored)
      }
      if isRounding {
        return Explanation(
          .cast, told("log(exp(A_log)), as -exp(A_log) is stored", isFirst: !isFirst), exact: false)
      }
    }
    return nil
  }

  /// Why A_log cannot be read of what is stored for it; nil for another error.
  static func unreadable(_ error: any Error) -> String? {
    let cause = (error as? FileDiagnosis)?.cause ?? error
    guard case .noParameter(_, let value, let index)? = cause as? ConversionError else { return nil }
    return "element \(index) of what is stored for -exp(A_log) is \(value), which is -exp of no number"
  }

  // MARK: Blocks

  /// How far the elements of a quantised tensor lie from the originals, and from the nearest numbers of their blocks.
  private func roundings(
    _ original: TensorDescriptor, _ conversion: Conversion, _ stored: TensorDescriptor
  ) throws -> BlockRoundings? {
    try reading(original, conversion, stored).flatMap { try roundings($0, stored, isFirst: conversion.isFirst) }
  }

  /// The type in whose blocks a tensor of one side is stored; nil for another one.
  func blockType(of stored: TensorDescriptor, isFirst: Bool) -> String? {
    let side = side(isFirst)
    guard side.levels != nil, let type = side.source.storedType(of: stored), StoredLevels.numbers(ofType: type) != nil
    else { return nil }
    return type
  }

  /// How far the elements of a quantised tensor lie from those of another reading.
  /// - Parameter isFirst: Whether the original is of the first checkpoint.
  func roundings(
    _ reading: PairReading, _ stored: TensorDescriptor, isFirst: Bool
  ) throws -> BlockRoundings? {
    let own = side(!isFirst)
    guard let levels = own.levels, let type = own.source.storedType(of: stored),
      let numbers = StoredLevels.numbers(ofType: type),
      let first = levels.ends.first.tensors[stored.name], let last = levels.ends.last.tensors[stored.name]
    else { return nil }
    let ends = try PairReading(
      first, of: .init(location: own.location, source: levels.ends.first, layout: nil),
      last, of: .init(location: own.location, source: levels.ends.last, layout: nil))
    return try BlockRoundings(reading, ends, of: numbers, jobs: jobs)
  }

  private func leastChange(
    _ original: TensorDescriptor, _ stored: TensorDescriptor, _ isFirst: Bool
  ) throws -> Double? {
    guard pair.conversion?.multiplication(of: original.name) == nil else { return nil }
    return try roundings(original, Conversion(isFirst: isFirst, times: 0, type: nil), stored)?.leastChange
  }

  /// The explanation by the blocks of a quantised tensor.
  private func blocks(
    _ original: TensorDescriptor, _ stored: TensorDescriptor, isFirst: Bool
  ) throws -> Result? {
    let factors = pair.conversion?.multiplication(of: original.name)
    for times in 0...(factors == nil ? 0 : 2) {
      let conversion = Conversion(isFirst: isFirst, times: times, type: nil)
      guard let roundings = try roundings(original, conversion, stored), roundings.areNeighbours,
        let type = side(!isFirst).source.storedType(of: stored)
      else { continue }
      var words = [roundings.words(type)]
      if let factors, times > 0 { words.insert(factors.words + (times == 2 ? ", twice" : ""), at: 0) }
      return Result(
        explanation: Explanation(
          times > 0 ? .scale : .cast, told(words.joined(separator: ", and "), isFirst: isFirst), exact: false),
        leastChange: times == 0 ? roundings.leastChange : nil)
    }
    return nil
  }
}

extension PairReading {
  /// Whether all elements have the same values.
  func isEqual(jobs: Int) throws -> Bool {
    try allSatisfy(jobs: jobs) { $0 == $1 || $0.isNaN && $1.isNaN }
  }

  /// Whether each pair of elements satisfies a condition.
  /// - Complexity: Reads both tensors once, or until a pair does not.
  func allSatisfy(jobs: Int, _ condition: @Sendable (_ a: Double, _ b: Double) -> Bool) throws -> Bool {
    let pieces = pieces(of: 0..<count)
    let holds = Mutex(true)
    _ = try Parallel.map(count: pieces.count, jobs: jobs) { index in
      guard holds.withLock({ $0 }) else { return }
      try forEachValues(pieces[index]) { _, a, b in
        let all = a.indices.allSatisfy { condition(a[$0], b[$0]) }
        if !all { holds.withLock { $0 = false } }
        return all
      }
    }
    return holds.withLock { $0 }
  }
}
