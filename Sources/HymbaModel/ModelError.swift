public import HymbaFormat

/// An error in a model's description, in its parameters, or in the input that it is asked to compute.
public enum ModelError: Diagnosis, Equatable {
  /// A configuration that cannot be read.
  case configuration(String)
  /// A configuration value that no model can have.
  case option(String, found: String, expected: String)
  case parameterMissing(String)
  case parameterShape(String, found: Shape, expected: Shape)
  case parameterType(String, ElementType)
  /// A parameter that is read whole and takes more memory than `Limits` allow.
  case parameterBeyondMemory(String, byteCount: Int, limit: Int)
  /// An input of this shape needs more memory than `Limits` allow.
  case inputBeyondMemory([Int], byteCount: Int, limit: Int)
  /// A tensor that is not a parameter and takes more memory than `Limits` allow.
  case tensorBeyondMemory(String, byteCount: Int, limit: Int)
  /// Matrix products need this much address space, which the process cannot have.
  case noRoomForProducts(byteCount: Int)
  case inputShape(found: [Int], expected: String)
  /// A file without the tensor that should be the input.
  case inputMissing(String)
  /// Next tokens cannot be scored; the text says why.
  case cannotScore(String)
  /// The next token cannot be chosen; the text says why.
  case cannotChoose(String)
  /// A tensor that should hold whole numbers and has another element type.
  case notWhole(String, ElementType)
  case tensorShape(String, found: [Int], expected: String)
  /// A tensor with a whole number that is larger than `Int.max`.
  case tooLarge(String, UInt64)
  case tokenOutside(Int, vocabularySize: Int)

  public var kind: FailureKind {
    switch self {
    case .configuration, .option: .unreadable
    case .noRoomForProducts: .inputOutput
    case .parameterMissing, .parameterShape, .parameterType, .parameterBeyondMemory,
      .inputBeyondMemory, .tensorBeyondMemory, .inputShape, .inputMissing, .cannotScore,
      .cannotChoose, .notWhole,
      .tensorShape, .tooLarge, .tokenOutside:
      .wrong
    }
  }

  public var description: String {
    switch self {
    case .configuration(let why): "the configuration cannot be used: \(why)"
    case .option(let name, let found, let expected): "\(name) is \(found); expected \(expected)"
    case .parameterMissing(let name): "the parameter “\(name)” is missing"
    case .parameterShape(let name, let found, let expected):
      "the parameter “\(name)” has the shape \(found); expected \(expected)"
    case .parameterType(let name, let type):
      "the tensor “\(name)” has the element type \(type.rawValue); expected floating-point numbers"
    case .parameterBeyondMemory(let name, let byteCount, let limit):
      "the parameter “\(name)” takes \(byteCount) bytes of memory; at most \(limit) are used, half of what this machine has"
    case .inputBeyondMemory(let shape, let byteCount, let limit):
      "the input has the shape \(shape), for which this model takes \(byteCount) bytes of memory; at most \(limit) are used, half of what this machine has; give fewer or shorter sequences"
    case .tensorBeyondMemory(let name, let byteCount, let limit):
      "the tensor “\(name)” takes \(byteCount) bytes of memory; at most \(limit) are used, half of what this machine has"
    case .noRoomForProducts(let byteCount):
      "this process cannot have the \(byteCount) bytes of address space that matrix products take"
    case .inputShape(let found, let expected):
      "the input has the shape \(found); expected \(expected)"
    case .cannotScore(let why): "the prediction of next tokens cannot be scored: \(why)"
    case .cannotChoose(let why): "the next token cannot be chosen: \(why)"
    case .notWhole(let name, let type):
      "the tensor “\(name)” has the element type \(type.rawValue); expected whole numbers"
    case .tensorShape(let name, let found, let expected):
      "the tensor “\(name)” has the shape \(found); expected \(expected)"
    case .tooLarge(let name, let number):
      "the tensor “\(name)” holds \(number); expected numbers up to \(Int.max)"
    case .tokenOutside(let id, let size):
      "the token id \(id) is outside of the vocabulary of \(size)"
    case .inputMissing(let name): "there is no tensor “\(name)” to use as the input"
    }
  }
}
