/// The layouts of the Mambas of the first generation as JSON texts.
enum MambaLayouts {
  static let mamba = [PackageResources.hf_mamba_json, PackageResources.gguf_mamba_json]

  /// Falcon-Mamba has the parameters of Mamba under the same names, so its documents are derived.
  static let falconMamba = mamba.map { json in
    Array(
      String(decoding: json, as: UTF8.self)
        .replacing("f-mamba\"", with: "f-falcon-mamba\"")
        .replacing(#""configuration": "mamba""#, with: #""configuration": "falcon-mamba""#)
        .replacing(#""title": "Mamba"#, with: #""title": "Falcon-Mamba"#)
        .replacing(", or the tensors that state-spaces released", with: "").utf8)
  }
}
