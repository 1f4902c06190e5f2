import HymbaFormat

/// A checkpoint that is cast while it is read, and what the cast did to its values.
package struct ModelCast: Sendable {
  /// The checkpoint with the element types after the cast.
  package let model: OpenedModel
  private let cast: Cast
  private let tally: CastTally
  private let castTensors: Int
  private let keptTensors: Int
  /// Whether some tensor gets a type that cannot hold all values of its own type.
  let narrows: Bool
  /// Whether some tensor gets another type.
  private let changesSomething: Bool

  /// - Throws: ``ConversionError/keepsNothing(_:)`` for a pattern that matches no floating-point tensor,
  ///   ``ConversionError/cannotCast(_:_:)`` for a tensor whose type has no readable values.
  package init(_ model: OpenedModel, _ cast: Cast) throws {
    let tally = CastTally()
    let source = model.parameters.copied
    let parameters = try naming(model.location) {
      try ComputedSource(source, cast, tally: tally)
    }
    self.model = OpenedModel(
      location: model.location, parameters: parameters, architecture: model.architecture,
      inventory: model.inventory, description: model.description, reason: model.reason,
      ledger: model.ledger, mapping: model.mapping, attached: model.attached)
    self.cast = cast
    self.tally = tally
    self.narrows = source.tensors.contains { tensor in
      parameters.tensors[tensor.name].map {
        $0.type != tensor.type && $0.type.byteSize <= tensor.type.byteSize
      } ?? false
    }
    self.changesSomething = source.tensors.contains { cast.target(of: $0) != nil }
    self.castTensors = source.tensors.count { cast.target(of: $0) != nil && !cast.keeps($0.name) }
    self.keptTensors = source.tensors.count { $0.type.isFloatingPoint && cast.keeps($0.name) }
  }

  /// The counts for the values that were read so far.
  package var report: CastReport {
    let total = tally.total
    return CastReport(
      dtype: cast.type, cast: castTensors, keptF32: keptTensors, overflowed: total.overflowed,
      flushed: total.flushed)
  }

  /// Ends the cast. It is called when everything was read, before the output gets its name.
  ///
  /// - Parameter keepsReference: Whether the output keeps a reference.
  /// - Returns: The sentences about the cast for a manifest; none where every tensor had its type before, so that the
  ///   output is the one without a cast.
  /// - Throws: ``ConversionError/castOverflows(_:inTensor:type:)`` or
  ///   ``ConversionError/castFlushes(_:of:inTensor:type:)`` for a loss beyond the limits, unless the cast
  ///   accepts it.
  package func conclude(keepsReference: Bool = false) throws -> [String] {
    if let loss = losses.first, !cast.acceptsLoss {
      throw FileDiagnosis(model.location, loss.refusal)
    }
    guard changesSomething else { return [] }
    return [report.sentence] + (keepsReference ? [referenceNote].compactMap(\.self) : [])
  }

  /// What is to be said of a reference that is kept beside the weights; nil where the cast keeps every value.
  package var referenceNote: String? { narrows ? ReferenceBesideCast.note(cast.type) : nil }

  /// The losses beyond the limits: all values that became infinite, and the first tensor in which too many
  /// became zero.
  package var losses: [CastLoss] { tally.losses { .cast(targetType(of: $0)) } }

  private func targetType(of tensor: String) -> CastType {
    cast.keeps(tensor) ? .float32 : cast.type
  }
}

/// The result of a cast, for people and programs.
public struct CastReport: Hashable, Sendable, Codable {
  public let dtype: CastType
  /// The number of tensors that were cast to `dtype`. Tensors that had this type before do not count.
  public let cast: Int
  /// The number of floating-point tensors that are F32 because their names match a pattern.
  public let keptF32: Int
  /// The number of finite values that became infinite.
  public let overflowed: Int
  /// The number of nonzero values that became zero.
  public let flushed: Int

  /// The report of the same cast of some tensors and of others.
  package func adding(_ other: CastReport) -> CastReport {
    CastReport(
      dtype: dtype, cast: cast, keptF32: keptF32, overflowed: overflowed + other.overflowed,
      flushed: flushed + other.flushed)
  }

  /// The report as a sentence for a manifest.
  public var sentence: String {
    let kept = keptF32 > 0 ? " and \(keptF32) in F32" : ""
    return
      "cast to \(dtype.rawValue), rounded to nearest even: \(cast) of the tensors to \(dtype.rawValue)\(kept); values that became infinite: \(overflowed), zero: \(flushed)"
  }
}
