public import HymbaModel

/// What each of two branches adds to the residual stream, where both are added to it. The statistics cover the
/// batch, the positions (meta positions included) and the channels.
public struct BranchStatistics: Hashable, Sendable, Encodable {
  /// The root mean square of the stream that enters the layer.
  public var streamRMS: Double
  /// The root mean square of the attention branch as it is added.
  public var attentionRMS: Double
  /// attentionRMS / streamRMS.
  public var attentionShare: Double
  /// The root mean square of the Mamba branch as it is added.
  public var mambaRMS: Double
  /// mambaRMS / streamRMS.
  public var mambaShare: Double

  /// - Parameters:
  ///   - stream: The stream that enters the layer, [batch, length, hidden].
  ///   - attention: The attention branch as it is added, [batch, length, hidden].
  ///   - mamba: The Mamba branch as it is added, [batch, length, hidden].
  public init(stream: Tensor, attention: Tensor, mamba: Tensor) {
    self.streamRMS = stream.rootMeanSquare
    self.attentionRMS = attention.rootMeanSquare
    self.attentionShare = attentionRMS / streamRMS
    self.mambaRMS = mamba.rootMeanSquare
    self.mambaShare = mambaRMS / streamRMS
  }

  private enum Key: String, CodingKey {
    case streamRMS, attentionRMS, attentionShare, mambaRMS, mambaShare
  }

  /// Encodes the values. Numbers that JSON cannot express become null.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    let values: [(Double, Key)] = [
      (streamRMS, .streamRMS), (attentionRMS, .attentionRMS), (attentionShare, .attentionShare),
      (mambaRMS, .mambaRMS), (mambaShare, .mambaShare),
    ]
    for (value, key) in values { try container.encode(value.isFinite ? value : nil, forKey: key) }
  }
}
