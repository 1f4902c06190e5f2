package import HymbaFormat
package import HymbaInspection

/// The difference of two checkpoints. The schema of its JSON form is `Schemas/difference.schema.json`.
package struct DifferenceReport: Encodable {
  package let a: String
  package let b: String
  /// The names by which tensors were paired.
  package let names: CheckpointPair.Names
  package let equal: Bool
  package let tensors: [Line]
  /// Null where no tensor belongs to a layer.
  @OrNull package private(set) var layers: Layers?

  package struct Stored: Encodable {
    package let dtype: String
    package let shape: [Int]
    /// The type in which the file stores the tensor; null where that is `dtype`.
    @OrNull package private(set) var storedType: String?

    init(_ tensor: TensorDescriptor, _ storedType: String?) {
      self.dtype = tensor.type.rawValue
      self.storedType = storedType
      self.shape = tensor.shape.dimensions
    }
  }

  package struct Line: Encodable {
    package let name: String
    package let status: TensorDifference.Status
    /// Null for an added tensor.
    @OrNull package private(set) var a: Stored?
    /// Null for a removed tensor.
    @OrNull package private(set) var b: Stored?
    @OrNull package private(set) var relativeChange: Double?
    /// Null for a tensor that is not quantised.
    @OrNull package private(set) var leastChange: Double?
    @OrNull package private(set) var cosine: Double?
    @OrNull package private(set) var maxDifference: Double?
    @OrNull package private(set) var explanation: Explanation?
    package let parts: [Part]
    /// Explanations that were not tried, a clause each.
    package let skipped: [String]
  }

  package struct Part: Encodable {
    package let part: String
    package let changed: Bool
    @OrNull package private(set) var relativeChange: Double?
    @OrNull package private(set) var cosine: Double?
    @OrNull package private(set) var maxDifference: Double?
    @OrNull package private(set) var explanation: Explanation?
  }

  package struct Layers: Encodable {
    package let count: Int
    package let changed: [Int]
    package let kinds: [LayerMap.Kind]
  }

  package init(_ difference: CheckpointDifference) {
    self.a = difference.pair.a.location
    self.b = difference.pair.b.location
    self.names = difference.pair.names
    self.equal = difference.isEqual
    self.tensors = difference.tensors.map { tensor in
      Line(
        name: tensor.name, status: tensor.status, a: tensor.a.map { Stored($0, tensor.storedTypes.a) },
        b: tensor.b.map { Stored($0, tensor.storedTypes.b) },
        relativeChange: tensor.size?.relativeChange?.orNull, leastChange: tensor.leastChange?.orNull,
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
