import HymbaFormat

extension CaptureStatistics {
  /// The statistics as an object, with the shape and the number of values.
  var json: JSONValue {
    var members: [String: JSONValue] = [
      "shape": .array(shape.map(JSONValue.integer)), "count": .integer(shape.reduce(1, *)),
      "mean": .number(mean), "std": .number(deviation), "rms": .number(rootMeanSquare),
      "min": .number(least), "max": .number(most),
      "quantiles": .object(
        Dictionary(uniqueKeysWithValues: zip(Self.levels.map { "\($0)" }, quantiles.map(JSONValue.number)))),
    ]
    if !rootMeanSquares.isEmpty {
      members["rmsByPosition"] = .array(rootMeanSquares.map(JSONValue.number))
    }
    return .object(members)
  }

  /// - Returns: Nil for an object that does not hold all statistics as finite numbers, or whose numbers do not fit its
  ///   shape.
  init?(_ json: JSONValue) {
    func number(_ value: JSONValue?) -> Double? {
      switch value {
      case .integer(let value): Double(value)
      case .number(let value) where value.isFinite: value
      default: nil
      }
    }
    guard case .array(let dimensions)? = json["shape"], dimensions.count <= 3 else { return nil }
    let shape = dimensions.compactMap { value -> Int? in
      if case .integer(let size) = value, size > 0 { size } else { nil }
    }
    guard shape.count == dimensions.count, let mean = number(json["mean"]),
      let deviation = number(json["std"]), let rootMeanSquare = number(json["rms"]),
      let least = number(json["min"]), let most = number(json["max"])
    else { return nil }
    let quantiles = Self.levels.compactMap { number(json["quantiles"]?["\($0)"]) }
    var rootMeanSquares: [Double] = []
    if case .array(let values)? = json["rmsByPosition"] {
      rootMeanSquares = values.compactMap(number)
      guard shape.count == 3, rootMeanSquares.count == values.count, values.count == shape[1] else {
        return nil
      }
    }
    guard quantiles.count == Self.levels.count else { return nil }
    self.init(
      shape: shape, mean: mean, deviation: deviation, rootMeanSquare: rootMeanSquare, least: least,
      most: most, quantiles: quantiles, rootMeanSquares: rootMeanSquares)
  }

  private init(
    shape: [Int], mean: Double, deviation: Double, rootMeanSquare: Double, least: Double,
    most: Double, quantiles: [Double], rootMeanSquares: [Double]
  ) {
    self.shape = shape
    self.mean = mean
    self.deviation = deviation
    self.rootMeanSquare = rootMeanSquare
    self.least = least
    self.most = most
    self.quantiles = quantiles
    self.rootMeanSquares = rootMeanSquares
  }
}
