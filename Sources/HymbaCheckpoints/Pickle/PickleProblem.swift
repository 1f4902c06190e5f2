import HymbaFormat

/// What is wrong with a pickle.
public enum PickleProblem: Equatable, Sendable {
  case forbiddenOpcode(UInt8)
  case unknownProtocol(UInt8)
  case protocol0
  case endsEarly(wanted: Int, left: Int)
  case negativeLength
  case tooManyMarks
  case nameTooLong(limit: Int)
  case emptyStack
  case noMark
  case noMemo(Int)
  case tooMany(String, limit: Int)
  /// An opcode that does not fit the value it is applied to: what it needs, and what was found.
  case unexpected(String, found: String)
  case trailingBytes(Int)
}

extension PickleProblem: CustomStringConvertible {
  /// The rest of a sentence that begins “the pickle …”.
  public var description: String {
    switch self {
    case .forbiddenOpcode(let code):
      "has the opcode \(code) (\(PickleOpcode.name(ofRefused: code))), which torch.save does not write"
    case .unknownProtocol(let version): "has protocol \(version); 1 to 5 are known"
    case .protocol0:
      "is of protocol 0, of which torch.load reads no tensors either; save the checkpoint again without pickle_protocol=0"
    case .endsEarly(let wanted, let left):
      "ends early: \(wanted) bytes were expected, and \(left) are left"
    case .negativeLength: "declares a negative length"
    case .tooManyMarks:
      "has a text with more than \(Limits.combiningMarks) combining marks in a row"
    case .nameTooLong(let limit): "names a class of more than \(limit) bytes"
    case .emptyStack: "takes a value from an empty stack"
    case .noMark: "goes back to a mark that was not set"
    case .noMemo(let index): "asks for entry \(index) of its memo, which was not set"
    case .tooMany(let what, let limit): "has more than \(limit) \(what)"
    case .unexpected(let expected, let found): "needs \(expected), but has \(found)"
    case .trailingBytes(let count): "is followed by \(count) bytes that belong to nothing"
    }
  }
}
