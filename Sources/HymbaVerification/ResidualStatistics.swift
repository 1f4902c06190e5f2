public import HymbaModel

/// What a layer with one mixer adds to the residual stream; for a layer that is a feed forward alone, what that
/// adds. The statistics cover the batch, the positions (meta positions included) and the channels.
public struct ResidualStatistics: Hashable, Sendable, Encodable {
  /// The root mean square of the stream that enters the layer.
  public var streamRMS: Double
  /// The root mean square of what is added to the stream: the result of the mixer or of the feed forward alone.
  public var mixerRMS: Double
  /// mixerRMS / streamRMS. Above 1, more is added than was there.
  public var share: Double
  /// The root mean square of the shared block's contribution to the mixer's input; nil where the layer does not
  /// apply that block.
  public var sharedRMS: Double?
  /// sharedRMS / streamRMS; nil where the layer does not apply the shared block.
  public var sharedShare: Double?

  /// - Parameters:
  ///   - stream: The stream that enters the layer, [batch, length, hidden].
  ///   - mixer: What the mixer, or the feed forward alone, adds, [batch, length, hidden].
  ///   - shared: The shared block's contribution, [batch, length, hidden]; nil for none.
  public init(stream: Tensor, mixer: Tensor, shared: Tensor?) {
    let size = stream.rootMeanSquare
    self.streamRMS = size
    self.mixerRMS = mixer.rootMeanSquare
    self.share = mixerRMS / size
    self.sharedRMS = shared?.rootMeanSquare
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
