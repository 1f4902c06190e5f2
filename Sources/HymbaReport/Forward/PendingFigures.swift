import HymbaVerification

extension GateStatistics {
  var quantiles: [Double] { [mean - 2 * std, mean - std, mean, mean + std, mean + 2 * std] }
  var positions: [Double] { [] }
}
extension FusionStatistics { var positions: [Double] { [] } }
extension LayerReport { var streamRMS: Double { residual?.streamRMS ?? branches?.streamRMS ?? .nan } }
struct AttentionWeights {
  var layer: Int
  var head: Int
  var keyValueHead: Int
  var metaCount: Int
  var weights: [[Double]]
}
extension VerificationReport { var attention: AttentionWeights? { nil } }
