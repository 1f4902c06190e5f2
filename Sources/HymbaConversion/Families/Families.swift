import HymbaFormat

/// All families that are known here.
enum Families {
  /// In the order in which configurations and layouts are tried.
  static let all: [any Family] = [
    EdificeFamily(), NvidiaHymbaFamily(), JambaFamily(), ZambaFamily(), OwnFamily(),
  ]

  static let huggingFace: [any HuggingFaceFamily] = all.compactMap { $0 as? any HuggingFaceFamily }

  /// Families of which the tensors' shapes tell the options.
  static let inferring: [any InferringFamily] = all.compactMap { $0 as? any InferringFamily }

  /// Names of the files that lie beside weights, in the order of their authority.
  static let configurationFiles: [String] = {
    let names = (huggingFace as [any Family] + all).compactMap(\.configurationFile)
    return names.indices.filter { !names[..<$0].contains(names[$0]) }.map { names[$0] }
  }()

  /// The family of which a document is a configuration; nil for none.
  static func family(of document: JSONValue) -> (any Family)? {
    all.first { $0.recognises(document) }
  }

  /// The layouts of all families, in the order in which they are tried.
  static var layouts: [[UInt8]] { all.flatMap(\.layouts) }

  // MARK: Lists in messages

  /// `Hymba, Jamba or Zamba`.
  static var modelNames: String { list(huggingFace.map(\.modelName), "or") }

  /// `Hymba, Jamba and Zamba (version 1)`.
  static var releases: String {
    list(huggingFace.map { $0.modelName + ($0.modelRelease.map { " (\($0))" } ?? "") }, "and")
  }

  /// What a configuration may be.
  static var configurations: String {
    list(["a config.json of \(modelNames)"] + all.compactMap(\.configurationForm), "or")
  }

  private static func list(_ names: [String], _ conjunction: String) -> String {
    names.count < 2
      ? names.joined()
      : names.dropLast().joined(separator: ", ") + " \(conjunction) \(names[names.count - 1])"
  }
}
