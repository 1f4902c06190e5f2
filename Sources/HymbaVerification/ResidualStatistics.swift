public import HymbaModel

/// What a layer with one mixer adds to the residual stream. The statistics cover the batch, the positions (meta
/// positions included) and the channels. The arithmetic has 64 bits, the values 32.
public struct ResidualStatistics: Hashable, Sendable, Encodable {
  /// The root mean square of the stream that enters the layer.
  public var streamRMS: Double
  /// The root mean square of the mixer's result, which is added to the stream.
  public var mixerRMS: Double
  /// mixerRMS / streamRMS. Above 1, the mixer adds more than was there.
  public var share: Double
  /// The root mean square of the shared block's contribution to the mixer's input; nil where the layer does not
  /// apply that block.
  public var sharedRMS: Double?
  /// sharedRMS / streamRMS; nil where the layer does not apply the shared block.
  public var sharedShare: Double?

  /// - Parameters:
  ///   - stream: The stream that enters the layer, [batch, length, hidden].
  ///   - mixer: The result of the layer's mixer, [batch, length, hidden].
  ///   - shared: The shared block's contribution, [batch, length, hidden]; nil for none.
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

  /// Encodes the values. Numbers that JSON cannot express become null.
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
