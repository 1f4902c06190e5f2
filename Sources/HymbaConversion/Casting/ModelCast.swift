import HymbaFormat

/// A checkpoint that is cast while it is written, and what that did to its values.
package struct ModelCast: Sendable {
  /// The checkpoint under the types that it is cast to.
  package let model: OpenedModel
  private let cast: Cast
  private let tally: CastTally
  private let castTensors: Int
  private let keptTensors: Int
  /// Whether a tensor gets a type that does not hold all values of its own.
  let narrows: Bool

  /// - Throws: ``ConversionError/keepsNothing(_:)``.
  package init(_ model: OpenedModel, _ cast: Cast) throws {
    let tally = CastTally()
    let source = model.parameters
    let parameters = try naming(model.location) {
      try CastSource(source, cast, tally: tally)
    }
    self.model = OpenedModel(
      location: model.location, parameters: parameters, architecture: model.architecture,
      inventory: model.inventory, description: model.description, reason: model.reason,
      ledger: model.ledger, mapping: model.mapping)
    self.cast = cast
    self.tally = tally
    self.narrows = source.tensors.contains { tensor in
      parameters.tensors[tensor.name].map {
        $0.type != tensor.type && $0.type.byteSize <= tensor.type.byteSize
      } ?? false
    }
    self.castTensors = source.tensors.count { cast.target(of: $0) != nil && !cast.keeps($0.name) }
    self.keptTensors = source.tensors.count { $0.type.isFloatingPoint && cast.keeps($0.name) }
  }

  /// What happened to the values that were read so far.
  package var report: CastReport {
    let total = tally.total
    return CastReport(
      dtype: cast.type, cast: castTensors, keptF32: keptTensors, overflowed: total.overflowed,
      flushed: total.flushed)
  }

  /// Called when everything was read, before the output gets its name.
  /// - Returns: What a manifest says of the cast.
  /// - Throws: ``ConversionError/castOverflows(_:inTensor:type:)``,
  ///   ``ConversionError/castFlushes(_:of:inTensor:type:)``, unless the cast accepts the loss.
  package func conclude() throws -> [String] {
    if let loss = losses.first, !cast.acceptsLoss {
      throw FileDiagnosis(model.location, loss.refusal)
    }
    return [report.sentence]
  }

  /// The losses beyond the limits: values that became infinite, and the first tensor of which too many became zero.
  package var losses: [CastLoss] {
    var losses: [CastLoss] = []
    let tensors = tally.tensors
    let overflowed = tensors.reduce(0) { $0 + $1.counts.overflowed }
    if let worst = tensors.max(by: { $0.counts.overflowed < $1.counts.overflowed }),
      worst.counts.overflowed > 0
    {
      losses.append(.overflow(overflowed, mostIn: worst.name, targetType(of: worst.name)))
    }
    if let (name, counts) = tensors.first(where: {
      Double($0.counts.flushed) > Double($0.counts.nonzero) * Cast.flushedShare
    }) {
      losses.append(.flush(counts.flushed, of: counts.nonzero, in: name, targetType(of: name)))
    }
    return losses
  }

  private func targetType(of tensor: String) -> CastType {
    cast.keeps(tensor) ? .float32 : cast.type
  }
}

/// What a cast did, for people and programs.
public struct CastReport: Hashable, Sendable, Codable {
  public let dtype: CastType
  /// Tensors of another floating-point type before.
  public let cast: Int
  /// Tensors that are F32 because their names match.
  public let keptF32: Int
  /// Finite values that became infinite.
  public let overflowed: Int
  /// Values other than zero that became zero.
  public let flushed: Int

  /// One sentence, for a manifest.
  public var sentence: String {
    let kept = keptF32 > 0 ? " and \(keptF32) in F32" : ""
    return
      "cast to \(dtype.rawValue), rounded to nearest even: \(cast) of the tensors to \(dtype.rawValue)\(kept); values that became infinite: \(overflowed), zero: \(flushed)"
  }
}
