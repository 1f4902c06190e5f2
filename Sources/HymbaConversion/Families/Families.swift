import HymbaFormat

/// All families that are known here.
enum Families {
  /// The families, in the order in which their configurations and layouts are tried. Mamba-2 is before
  /// Nemotron-H, as a Nemotron-H of Mamba layers alone, which has the same names, is rarer.
  static let all: [any Family] = [
    EdificeFamily(), NvidiaHymbaFamily(), JambaFamily(), ZambaFamily(), Zamba2Family(),
    FalconH1Family(), BambaFamily(), GraniteHybridFamily(), MambaFamily(), FalconMambaFamily(),
    Mamba2Family(), NemotronHFamily(), OwnFamily(),
  ]

  static let huggingFace: [any HuggingFaceFamily] = all.compactMap { $0 as? any HuggingFaceFamily }

  /// The families whose options can be read off the shapes of the tensors.
  static let inferring: [any InferringFamily] = all.compactMap { $0 as? any InferringFamily }

  /// The names of configuration files beside the weights, without repetition. Files that come first have more
  /// authority.
  static let configurationFiles: [String] = {
    let names = (huggingFace as [any Family] + all).compactMap(\.configurationFile)
    return names.indices.filter { !names[..<$0].contains(names[$0]) }.map { names[$0] }
  }()

  /// The family that a configuration document belongs to; nil where no family recognises it.
  static func family(of document: JSONValue) -> (any Family)? {
    all.first { $0.recognises(document) }
  }

  /// The layouts of all families, in the order in which they are tried.
  static var layouts: [[UInt8]] { all.flatMap(\.layouts) }

  // MARK: Lists in messages

  /// The Hugging Face models: `Hymba, Jamba, … or Mamba-2`.
  static var modelNames: String { list(huggingFace.map(\.modelName), "or") }

  /// The Hugging Face models with their releases: `Hymba, Jamba, Zamba (version 1), … and Mamba-2`.
  static var releases: String {
    list(huggingFace.map { $0.modelName + ($0.modelRelease.map { " (\($0))" } ?? "") }, "and")
  }

  /// The kinds of configuration that are known here.
  static var configurations: String {
    list(["a config.json of \(modelNames)"] + all.compactMap(\.configurationForm), "or")
  }

  /// Names as a list in words.
  static func list(_ names: [String], _ conjunction: String) -> String {
    names.count < 2
      ? names.joined()
      : names.dropLast().joined(separator: ", ") + " \(conjunction) \(names[names.count - 1])"
  }
}
