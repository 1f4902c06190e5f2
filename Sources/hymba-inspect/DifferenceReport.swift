import HymbaFormat
import HymbaInspection

/// The difference of two checkpoints. The schema of its JSON form is `Schemas/difference.schema.json`.
struct DifferenceReport: Encodable {
  let a: String
  let b: String
  /// The names by which tensors were paired.
  let names: CheckpointPair.Names
  let equal: Bool
  let tensors: [Line]
  /// Null where no tensor belongs to a layer.
  @OrNull var layers: Layers?

  struct Stored: Encodable {
    let dtype: String
    let shape: [Int]

    init(_ tensor: TensorDescriptor) {
      self.dtype = tensor.type.rawValue
      self.shape = tensor.shape.dimensions
    }
  }

  struct Line: Encodable {
    let name: String
    let status: TensorDifference.Status
    /// Null for an added tensor.
    @OrNull var a: Stored?
    /// Null for a removed tensor.
    @OrNull var b: Stored?
    @OrNull var relativeChange: Double?
    @OrNull var cosine: Double?
    @OrNull var maxDifference: Double?
    @OrNull var explanation: Explanation?
    let parts: [Part]
    /// Explanations that were not tried, a clause each.
    let skipped: [String]
  }

  struct Part: Encodable {
    let part: String
    let changed: Bool
    @OrNull var relativeChange: Double?
    @OrNull var cosine: Double?
    @OrNull var maxDifference: Double?
    @OrNull var explanation: Explanation?
  }

  struct Layers: Encodable {
    let count: Int
    let changed: [Int]
    let kinds: [LayerMap.Kind]
  }

  init(_ difference: CheckpointDifference) {
    self.a = difference.pair.a.location
    self.b = difference.pair.b.location
    self.names = difference.pair.names
    self.equal = difference.isEqual
    self.tensors = difference.tensors.map { tensor in
      Line(
        name: tensor.name, status: tensor.status, a: tensor.a.map { Stored($0) },
        b: tensor.b.map { Stored($0) }, relativeChange: tensor.size?.relativeChange?.orNull,
        cosine: tensor.size?.cosine?.orNull, maxDifference: tensor.size?.maxDifference.orNull,
        explanation: tensor.explanation,
        parts: tensor.parts.map { part in
          Part(
            part: part.name, changed: part.isChanged, relativeChange: part.size?.relativeChange?.orNull,
            cosine: part.size?.cosine?.orNull, maxDifference: part.size?.maxDifference.orNull,
            explanation: part.explanation)
        }, skipped: tensor.skipped)
    }
    self.layers = difference.layers.map {
      Layers(count: $0.layers.count, changed: $0.changed, kinds: $0.kinds)
    }
  }
}

extension Double {
  /// The number, or nil where it is too large for JSON: sums of 64-bit elements may be infinite.
  fileprivate var orNull: Double? { isFinite ? self : nil }
}
