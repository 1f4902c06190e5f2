public import HymbaModel

/// What a layer with one mixer adds to the residual stream, over batch, positions (meta positions included) and
/// channels, in 64-bit arithmetic over the 32-bit values.
public struct ResidualStatistics: Hashable, Sendable, Encodable {
  /// Root mean square of the stream that enters the layer.
  public var streamRMS: Double
  /// Root mean square of what the mixer adds to it.
  public var mixerRMS: Double
  /// mixerRMS / streamRMS: above 1, the mixer adds more than was there.
  public var share: Double
  /// Root mean square of the shared block's contribution, which the mixer reads beside the stream; nil where
  /// the layer applies no such block.
  public var sharedRMS: Double?
  /// sharedRMS / streamRMS.
  public var sharedShare: Double?

  public init(stream: Tensor, mixer: Tensor, shared: Tensor?) {
    func rms(_ tensor: Tensor) -> Double {
      let squares = tensor.values.reduce(0.0) { $0 + Double($1) * Double($1) }
      return (squares / Double(max(1, tensor.values.count))).squareRoot()
    }
    let size = rms(stream)
    self.streamRMS = size
    self.mixerRMS = rms(mixer)
    self.share = mixerRMS / size
    self.sharedRMS = shared.map(rms)
    self.sharedShare = sharedRMS.map { $0 / size }
  }

  private enum Key: String, CodingKey { case streamRMS, mixerRMS, share, sharedRMS, sharedShare }

  /// Numbers that JSON cannot hold become null.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    let values: [(Double?, Key)] = [
      (streamRMS, .streamRMS), (mixerRMS, .mixerRMS), (share, .share), (sharedRMS, .sharedRMS),
      (sharedShare, .sharedShare),
    ]
    for (value, key) in values {
      try container.encode(value.flatMap { $0.isFinite ? $0 : nil }, forKey: key)
    }
  }
}
