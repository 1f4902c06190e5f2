import HymbaFormat

/// Where a decoder has the weights of its model.
public enum WeightPlacement: Hashable, Sendable {
  /// In memory, in their stored type.
  case memory
  /// In the checkpoint, from which every step reads them again, layer by layer.
  case checkpoint
}

extension ForwardPass {
  /// The bytes of memory that decoding one sequence takes with the weights in memory: the weights as they are
  /// stored, the caches of the layers, and 100 MB to work with.
  ///
  /// - Parameter capacity: The most positions that the sequence will have, meta tokens not counted.
  /// - Returns: `Int.max` where the number is larger than that.
  public func decodingBytes(capacity: Int) -> Int {
    let cache = architecture.cacheSize(context: capacity)
    let weights = reader.source.tensors.reduce(0.0) { $0 + Double($1.byteCount) }
    let values = Double(cache.keyValues) + Double(cache.states)
    let bytes = weights + values * Double(MemoryLayout<Float>.size) + Self.workingBytes
    return Int(exactly: bytes.rounded(.up)) ?? .max
  }

  private static let workingBytes = 100e6
}
