/// The layouts of Nemotron-H as JSON texts, in the order in which they are tried.
///
/// A document exists for each way to keep experts. NVIDIA's code and all files have the root `backbone`, for which
/// the documents are. Version 5 of transformers calls the root `model` in memory, for which they are derived.
enum NemotronHLayouts {
  /// The derived ones are tried first, as `model.` in front of names without a root looks the same.
  static let all: [[UInt8]] = {
    let files = [PackageResources.hf_nemotron_h_stacked_json, PackageResources.hf_nemotron_h_json]
    return files.map(inMemory) + files + [PackageResources.gguf_nemotron_h_json]
  }()

  private static func inMemory(_ json: [UInt8]) -> [UInt8] {
    Array(
      String(decoding: json, as: UTF8.self)
        .replacing(#""optionalPrefix": "backbone.","#, with: "")
        .replacing("backbone", with: "model").replacing("hf-nemotron-h", with: "hf-nemotron-h-model")
        .utf8)
  }
}
