package import HymbaFormat

/// Why a checkpoint cannot be written as a GGUF file.
package enum GGUFWritingError: Diagnosis, Equatable {
  case name(String)
  case rank(tensor: String, Int)
  case notFloating(tensor: String, ElementType)
  case rows(tensor: String, GGUFType)
  case notFinite(tensor: String)

  package var kind: FailureKind { .wrong }

  package var description: String {
    switch self {
    case .name(let name): "a GGUF file cannot have the name “\(name.printable)”"
    case .rank(let tensor, let count):
      "the tensor “\(tensor.printable)” has \(count) axes, and a GGUF file has 1 to \(Limits.ggufRank)"
    case .notFloating(let tensor, let type):
      "the tensor “\(tensor.printable)” is \(type.rawValue), and only floating-point tensors are written as GGUF"
    case .rows(let tensor, let type):
      "the tensor “\(tensor.printable)” has rows that are no multiple of \(type.blockElements) elements, the blocks of \(type.name)"
    case .notFinite(let tensor):
      "the tensor “\(tensor.printable)” holds numbers that are not finite, or too large for a scale of F16, and Q8_0 has no place for them"
    }
  }
}
