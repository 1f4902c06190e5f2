import HymbaFormat
import HymbaModel

/// Looks for the one change under which the first part that differs from the reference agrees with it.
///
/// The part is computed again, alone, from the recorded stream before it, under one alternative after another.
/// Memory holds the weights of one layer.
struct CauseSearch {
  let reference: Reference
  let tolerance: Tolerance
  let noise: RoundingNoise?
  let pass: ForwardPass
  let parameters: any CheckpointSource
  let inventory: ParameterInventory
  let input: InputBatch
  /// Whether the check of conventions failed, and so names a mistake.
  let contradictsConventions: Bool
  let jobs: Int

  /// What a search found.
  enum Finding {
    case cause(Cause)
    /// Why no cause is named, as one sentence.
    case unexplained(String)
  }

  /// How many times larger than the least error that of another alternative may be for both to fit equally well.
  private static let equality = 8.0
  /// Errors below this are rounding, whatever their size.
  private static let rounding = 1e-6

  /// - Parameters:
  ///   - first: The first capture that differs.
  ///   - progress: Receives the number of alternatives that were tried, and of all.
  /// - Returns: Nil where the capture belongs to no part that can be computed alone.
  /// - Throws: The errors of reading the parameters and the reference.
  /// - Complexity: Computes one layer about a hundred times. Where the reference lacks the stream before the
  ///   layer, the layers before it are computed once.
  func run(
    from first: CaptureComparison, progress: (_ done: Int, _ total: Int) -> Void
  ) throws -> Finding? {
    guard [.error, .nmse].contains(first.failed), let capture = Capture(name: first.capture) else {
      return nil
    }
    let place = Place(capture)
    let (all, fitted) = alternatives(place)
    let trial = CauseTrial(
      reference: reference, tolerance: tolerance, layers: pass.architecture.layers.count,
      noise: noise, compute: try part(place))
    let before = try trial(pass)
    let title = place.layer.map { "layer \($0)" } ?? first.capture
    guard !before.passes else {
      return .unexplained(
        "\(title) agrees when it is computed from the recorded stream before it: what differs comes from there"
      )
    }
    let total = all.count + fitted.count
    var fits: [Fit] = []
    for (index, alternative) in all.enumerated() {
      if let result = try result(of: alternative, place, trial), result.explains(before) {
        fits.append(Fit(alternative: alternative, error: max(result.error, Self.rounding)))
      }
      progress(index + 1, total)
    }
    if fits.isEmpty {
      let residual = try trial.residual(before)
      for (index, factor) in fitted.enumerated() {
        if let fit = try fit(factor, place, trial, before, residual) { fits.append(fit) }
        progress(all.count + index + 1, total)
      }
    }
    return conclude(fits, place, first, total: total)
  }

  private struct Fit {
    let alternative: Alternative
    let error: Double
  }

  private func conclude(
    _ fits: [Fit], _ place: Place, _ first: CaptureComparison, total: Int
  ) -> Finding {
    let isFirst = "\(firstPart(place, first)) is the first that differs"
    guard let least = fits.map(\.error).min() else {
      return .unexplained(
        "\(isFirst), and no single one of \(total) known causes explains it; there may be several: "
          + (contradictsConventions ? "the failed check conventions names what it sees, and " : "")
          + "hymba-inspect diff ORIGINAL THIS names all that changed, where the original is there")
    }
    let equal = fits.filter { $0.error <= Self.equality * least }.map(\.alternative)
    let kinds = equal.map(\.kind).unique
    guard kinds.count == 1, let best = equal.first else {
      return .unexplained(
        "\(isFirst); it agrees equally well when "
          + equal.unique(by: \.kind).map(\.detail).joined(separator: ", and when "))
    }
    let values = equal.filter { $0.option != nil && $0.option == best.option }.map(\.text).unique
    let detail =
      best.option.map { "\($0) is \(values.joined(separator: " or "))" } ?? best.text
    return .cause(
      Cause(layer: place.layer, capture: first.capture, kind: best.kind, detail: detail))
  }

  /// The words for the part that differs. Where the reference does not record the stream before it, an earlier
  /// one may be meant.
  private func firstPart(_ place: Place, _ first: CaptureComparison) -> String {
    switch place {
    case .embedding: return "the embedding"
    case .layer(let index):
      let isKnown = reference.expects(Capture.hiddenStates(index).name)
      return isKnown || index == 0 ? "layer \(index)" : "layer \(index), or one before it,"
    case .head:
      let isKnown = reference.expects(Capture.hiddenStates(pass.architecture.layers.count).name)
      return isKnown ? "what follows the last layer" : "what \(first.capture) is computed from"
    }
  }

  /// - Returns: Nil where no such model is possible.
  private func result(
    of alternative: Alternative, _ place: Place, _ trial: CauseTrial
  ) throws -> CauseTrial.Result? {
    do {
      let changed = try alternative.applied(
        to: pass.architecture, layer: place.layer, parameters, jobs: jobs)
      return try changed.map { try trial($0) }
    } catch is ModelError {
      return nil
    }
  }

  private func fit(
    _ factor: FittedFactor, _ place: Place, _ trial: CauseTrial, _ before: CauseTrial.Result,
    _ residual: [Double]
  ) throws -> Fit? {
    let found = try FactorFit.factor(from: residual) { value in
      try result(of: factor.alternative(value), place, trial).map { try trial.residual($0) }
    }
    guard let found else { return nil }
    let alternative = factor.alternative(found)
    guard let result = try result(of: alternative, place, trial), result.explains(before) else {
      return nil
    }
    return Fit(alternative: alternative, error: max(result.error, Self.rounding))
  }
}

extension Alternative {
  /// The change as a clause that follows “agrees when”.
  fileprivate var detail: String { option.map { "\($0) is \(text)" } ?? text }
}

extension CauseSearch {
  /// The part of a model that a capture belongs to.
  enum Place {
    case embedding
    case layer(Int)
    /// What follows the last layer.
    case head

    init(_ capture: Capture) {
      switch capture {
      case .hiddenStates(let index): self = index == 0 ? .embedding : .layer(index - 1)
      case .attention(let layer), .mamba(let layer), .gate(let layer), .attentionNormed(let layer),
        .mambaNormed(let layer), .router(let layer), .shared(let layer), .mambaGate(let layer),
        .attentionWeights(let layer, _):
        self = .layer(layer)
      case .lastHiddenState, .logits, .output: self = .head
      }
    }

    /// The layer; nil for the ends of the model.
    var layer: Int? { if case .layer(let index) = self { index } else { nil } }
  }

  private func alternatives(_ place: Place) -> ([Alternative], [FittedFactor]) {
    let ends = EndAlternatives(architecture: pass.architecture, inventory: inventory)
    switch place {
    case .embedding: return (ends.ofEmbedding, ends.fittedOfEmbedding)
    case .head: return (ends.ofHead, ends.fittedOfHead)
    case .layer(let index):
      let layer = LayerAlternatives(index, pass.architecture, inventory, length: input.length)
      return (layer.all, layer.fitted)
    }
  }

  /// Prepares the computation of a part from the stream before it.
  private func part(
    _ place: Place
  ) throws -> (ForwardPass, (Capture, Tensor) throws -> Void) throws -> Void {
    let layers = pass.architecture.layers
    switch place {
    case .embedding: return { [input] in try $1(.hiddenStates(0), try $0.firstStream(input)) }
    case .head:
      let stream = try streams([layers.count])[0]
      return { try $0.finish(stream, capture: $1) }
    case .layer(let index):
      let origin = layers[index].usesSharedBlock ? 0 : nil
      let producer = layers[index].attention?.keyValueLayer
      let needed = [index, origin, producer].compactMap(\.self).unique
      let streams = Dictionary(uniqueKeysWithValues: zip(needed, try streams(needed)))
      guard let stream = streams[index] else { return { _, _ in } }
      let trial = try LayerTrial(
        pass, layer: index, stream: stream, origin: origin.flatMap { streams[$0] },
        producerStream: producer.flatMap { streams[$0] })
      return { try trial.run($0, capture: $1) }
    }
  }

  /// The streams before layers: as they were recorded, or else as they are computed here, all of as many
  /// sequences.
  private func streams(_ indices: [Int]) throws -> [Tensor] {
    let length = pass.architecture.metaTokens.prependedCount + input.length
    var found: [Int: Tensor] = [:]
    for index in indices {
      found[index] = try reference.stream(
        index, within: [input.batch, length, pass.architecture.hiddenSize])
    }
    let missing = Set(indices.filter { found[$0] == nil })
    if let last = missing.max() {
      do {
        try pass.run(input) { capture, tensor in
          guard case .hiddenStates(let index) = capture else { return }
          if missing.contains(index) { found[index] = tensor }
          if index == last { throw Reached() }
        }
      } catch is Reached {}
    }
    let batch = found.values.map { $0.dimensions[0] }.min() ?? 0
    return indices.compactMap { found[$0]?.rows(0..<batch) }
  }

  /// Ends a pass that has computed all that is wanted of it.
  private struct Reached: Error {}
}

extension Reference {
  /// The recorded stream before a layer; nil where the file does not hold it, or holds it in another shape or
  /// with values that are NaN or infinite.
  ///
  /// - Parameter dimensions: Those of the run: [batch, length, hidden]. The file may hold fewer sequences.
  /// - Throws: As ``tensor(_:)``.
  fileprivate func stream(_ index: Int, within dimensions: [Int]) throws -> Tensor? {
    let stream = try floats(Capture.hiddenStates(index).name, within: dimensions)
    return stream.flatMap { $0.values.allSatisfy(\.isFinite) ? $0 : nil }
  }
}
