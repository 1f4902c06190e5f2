import HymbaCheckpoints
import HymbaFormat

extension GGUFStorage {
  /// The type in which matrices are stored where the user names none, and what is to be said of it.
  ///
  /// It is the type in which they are, or were in the GGUF file that a container was made of. It is F32 where they
  /// are of several types, or of one that is not written.
  ///
  /// - Parameter keys: The keys of the GGUF file that the model is or came from.
  static func chosen(for model: OpenedModel, _ keys: GGUFKeys?) -> (storage: GGUFStorage, note: ExportNote?) {
    let matrices = model.parameters.tensors.filter { $0.shape.dimensions.count > 1 }
    var types = Set(matrices.map { model.parameters.storedType(of: $0) ?? $0.type.rawValue })
    types.remove("F32")
    // Rows that are no multiple of its blocks are F16 beside Q8_0.
    if types.contains("Q8_0") { types.remove("F16") }
    if types.isEmpty { return kept(keys) }
    if types.count == 1, let type = types.first.flatMap(Self.init) { return (type, nil) }
    return (.f32, .expanded("the source stores its matrices as \(Families.list(types.sorted(), "and"))"))
  }

  /// The type that the keys of a GGUF file name, of which a container holds the numbers as F32.
  private static func kept(_ keys: GGUFKeys?) -> (storage: GGUFStorage, note: ExportNote?) {
    guard let keys, let number = (try? keys.unsigned("general.file_type")) ?? nil, number != 0 else {
      return (.f32, nil)
    }
    guard let storage = allCases.first(where: { $0.fileType == number }) else {
      let name = fileTypes[number] ?? "of the number \(number)"
      return (.f32, .expanded("the GGUF file that the source was made of had the file type \(name)"))
    }
    return (
      storage,
      .fact(
        "the type is \(storage.rawValue), as it was in the GGUF file that the source was made of; --dtype names another one"
      )
    )
  }

  /// The names of the other values of `general.file_type`.
  private static let fileTypes = [
    2: "Q4_0", 3: "Q4_1", 8: "Q5_0", 9: "Q5_1", 10: "Q2_K", 11: "Q3_K_S", 12: "Q3_K_M", 13: "Q3_K_L", 14: "Q4_K_S",
    15: "Q4_K_M", 16: "Q5_K_S", 17: "Q5_K_M", 18: "Q6_K",
  ]
}

extension ExportNote {
  /// - Parameter why: A clause that says which types the source has.
  fileprivate static func expanded(_ why: String) -> Self {
    .fact(
      "\(why): the matrices are written as F32; name BF16, F16 or Q8_0 with --dtype, or make another type of the file with llama-quantize"
    )
  }
}
