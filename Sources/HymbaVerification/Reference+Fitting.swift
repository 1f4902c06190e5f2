import HymbaFormat
import HymbaModel

extension Reference {
  /// Why a tensor is no capture that this model makes of the input; nil where it is one.
  ///
  /// - Parameter capture: The capture that the tensor's name stands for.
  func misfit(
    _ name: String, _ capture: Capture, of architecture: Architecture, on input: InputBatch
  ) -> VerificationError? {
    let count = architecture.layers.count
    let isOutside: Bool =
      if case .hiddenStates(let index) = capture { index > count } else { (capture.layer ?? 0) >= count }
    if isOutside { return .noSuchLayer(name, layers: count) }
    guard
      let expected = architecture.dimensions(of: capture, batch: input.batch, length: input.length)
    else { return .otherCaptures(name) }
    let found = shape(of: name) ?? []
    let dimensions = Self.dimensions(found, beside: expected)
    guard CaptureComparison.shapeProblem(got: expected, expected: dimensions) == nil else {
      return .otherShape(name, found: found, expected: expected)
    }
    return nil
  }

  /// Checks that some capture can be compared, before anything is computed.
  ///
  /// - Parameter isProbe: Whether the input is the probe, as nobody gave another one.
  /// - Throws: ``VerificationError/otherModel(_:isProbe:)`` for a reference whose captures all have other shapes than
  ///   this model computes.
  func requireFit(_ architecture: Architecture, on input: InputBatch, isProbe: Bool) throws {
    var misfits: [VerificationError] = []
    for name in namesBeside([]) {
      guard let capture = Capture(name: name) else { continue }
      // A capture that is no floating-point number is told of by its comparison.
      if let type = type(of: name), !type.isFloatingPoint { return }
      guard let misfit = misfit(name, capture, of: architecture, on: input) else { return }
      misfits.append(misfit)
    }
    // Two shapes beside each other say more than a name does.
    let telling = misfits.first { if case .otherShape = $0 { true } else { false } }
    guard let telling else {
      if let other = misfits.first { throw FileDiagnosis(location, other) }
      return
    }
    throw FileDiagnosis(location, VerificationError.otherModel(telling.description, isProbe: isProbe))
  }
}
