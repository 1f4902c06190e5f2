import HymbaFormat

/// What a cast does to values beyond its limits: numbers that become infinite or, in one tensor, too many that become
/// zero.
public enum CastLoss: Hashable, Sendable {
  case overflow(Int, mostIn: String, CastType)
  case flush(Int, of: Int, in: String, CastType)

  /// What is said where the loss is not accepted.
  var refusal: ConversionError {
    switch self {
    case .overflow(let count, let tensor, let type):
      .castOverflows(count, inTensor: tensor, type: type)
    case .flush(let count, let nonzero, let tensor, let type):
      .castFlushes(count, of: nonzero, inTensor: tensor, type: type)
    }
  }

  /// What was lost.
  public var loss: String {
    switch self {
    case .overflow(let count, let tensor, let type):
      "\(count == 1 ? "1 finite value" : "\(count) finite values") became infinite in \(type.rawValue), \(count == 1 ? "" : "most of them ")in “\(tensor.printable)”"
    case .flush(let count, let nonzero, let tensor, let type):
      "\(count) of the \(nonzero) nonzero values of “\(tensor.printable)” became zero in \(type.rawValue)"
    }
  }
}
