import HymbaFormat

/// A loss beyond the limits of a ``Cast``: finite values that became infinite, or one tensor in which too many
/// nonzero values became zero.
public enum CastLoss: Hashable, Sendable {
  /// What numbers are cast to: a type of tensors, or one in which a GGUF file stores them.
  public enum Target: Hashable, Sendable {
    case cast(CastType)
    /// A type of GGUF files, by its name.
    case gguf(String)

    var name: String {
      switch self {
      case .cast(let type): type.rawValue
      case .gguf(let name): name
      }
    }
  }

  /// Finite values that became infinite: how many in all tensors, the tensor with most of them, and the type
  /// that it was cast to.
  case overflow(Int, mostIn: String, Target)
  /// Nonzero values of one tensor that became zero: how many, of how many, the tensor and the type that it was
  /// cast to.
  case flush(Int, of: Int, in: String, Target)

  /// The error for a loss that is not accepted.
  var refusal: ConversionError {
    switch self {
    case .overflow(let count, let tensor, let type):
      .castOverflows(count, inTensor: tensor, type: type)
    case .flush(let count, let nonzero, let tensor, let type):
      .castFlushes(count, of: nonzero, inTensor: tensor, type: type)
    }
  }

  /// The loss as a clause of a sentence, without a full stop.
  public var loss: String {
    switch self {
    case .overflow(let count, let tensor, let type):
      "\(count == 1 ? "1 finite value" : "\(count) finite values") became infinite in \(type.name), \(count == 1 ? "" : "most of them ")in “\(tensor.printable)”"
    case .flush(let count, let nonzero, let tensor, let type):
      "\(count) of the \(nonzero) nonzero values of “\(tensor.printable)” became zero in \(type.name)"
    }
  }
}
