package import HymbaFormat

/// Why a checkpoint cannot be written as an `.nx` file.
package enum EdificeWritingError: Diagnosis, Equatable {
  /// A name that is not LAYER.PARAMETER.
  case name(String)
  /// A name that the reader of `.nx` files refuses, and why.
  case unreadableName(String, String)
  /// An element type that Nx does not have, and the tensor's name.
  case type(String, of: String)
  case treeTooLarge(bytes: Int, limit: Int)
  case specInvalid(String)
  case metadataTooLarge(bytes: Int, limit: Int)

  package var kind: FailureKind { .wrong }

  package var description: String {
    switch self {
    case .name(let name):
      "the tensor “\(name.printable)” has no place in an .nx file, whose tensors are named LAYER.PARAMETER with one dot; export to safetensors"
    case .unreadableName(let name, let why):
      "the tensor name “\(name.printable)” \(why), which no .nx file may have; export to safetensors"
    case .type(let type, let tensor):
      "the tensor “\(tensor.printable)” has the element type \(type), which an .nx file cannot hold; export to safetensors"
    case .treeTooLarge(let bytes, let limit):
      "the names and shapes of the tensors take \(bytes) bytes, and at most \(limit) are accepted in an .nx file; export to safetensors"
    case .metadataTooLarge(let bytes, let limit):
      "the metadata takes \(bytes) bytes, and at most \(limit) are accepted in an .nx file; export to safetensors"
    case .specInvalid(let why): "the spec of the .nx file cannot be written: \(why)"
    }
  }
}
