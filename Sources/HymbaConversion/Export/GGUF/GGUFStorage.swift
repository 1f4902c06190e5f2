package import HymbaCheckpoints
import HymbaFormat

/// The type in which a GGUF file stores the matrices of a model.
package enum GGUFStorage: String, CaseIterable, Sendable {
  case f32 = "F32"
  case f16 = "F16"
  case bf16 = "BF16"
  case q8_0 = "Q8_0"

  package var type: GGUFType {
    switch self {
    case .f32: .f32
    case .f16: .f16
    case .bf16: .bf16
    case .q8_0: .q8_0
    }
  }

  /// The number of the type in `general.file_type`.
  var fileType: UInt32 {
    switch self {
    case .f32: 0
    case .f16: 1
    case .bf16: 32
    case .q8_0: 7
    }
  }

  /// The type of one tensor. As in llama.cpp's converter, vectors, norms, routers, convolutions and everything whose
  /// name does not end with `.weight` are F32, and rows that are no multiple of a block are F16.
  func type(of tensor: TensorDescriptor) -> GGUFType {
    if LlamaCppAccount.mustBeF32(tensor) || tensor.name.hasSuffix("ffn_gate_inp.weight") { return .f32 }
    let row = tensor.shape.dimensions.last ?? 0
    return row.isMultiple(of: type.blockElements) ? type : .f16
  }

  /// The bytes that one tensor takes.
  func bytes(of tensor: TensorDescriptor) -> Int {
    let type = type(of: tensor)
    return tensor.shape.elementCount / type.blockElements * type.blockBytes
  }
}
