import HymbaFormat

/// Something that the reader of an exported file may miss. The texts do not depend on the program that shows
/// them.
public enum ExportNote: Hashable, Sendable, Encodable, CustomStringConvertible {
  case fact(String)
  /// No build options were written, because the number of heads is not known.
  case noOptions
  /// No spec was written, because the number of heads is not known.
  case noSpec
  /// The names are those of the source. The text says how they differ from those of the layout.
  case sourceNames(String)
  /// A single file of a Hugging Face layout was written, without the configuration that it needs.
  case loneFile
  /// The number of attention heads, which no tensor's shape tells.
  case headsNotInFile(Int)
  /// A spec of this name was not written.
  case specNotKept(String)
  /// A loss in the cast that was accepted.
  case lost(CastLoss)
  /// A reference is kept beside weights that were cast. The text says so.
  case referenceBesideCast(String)

  public var description: String {
    switch self {
    case .fact(let text), .referenceBesideCast(let text): text
    case .noOptions:
      "no build_opts.json was written, as the checkpoint came without one and its number of heads is not known"
    case .noSpec:
      "no spec was written, as the checkpoint came without one and its number of heads is not known"
    case .sourceNames(let difference):
      "the names are those of the source, \(difference), under which Hugging Face's libraries do not find the weights"
    case .loneFile: "a lone file needs the original's config.json beside it to load"
    case .headsNotInFile(let heads):
      "its \(heads) heads are in no tensor, so reading it takes a configuration; a folder or an .nx keeps them"
    case .specNotKept(let origin):
      "\(origin.printable) is not written, as verbatim keeps tensors and texts alone"
    case .lost(let loss): "lost in the cast, as was allowed: \(loss.loss)"
    }
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(description)
  }
}

extension ExportNote {
  static let derivedConfiguration = Self.fact(
    "config.json was made from the architecture, as the checkpoint came without one of this kind; what changes no result has the values of the released models")
  static let noConfiguration = Self.fact(
    "no config.json was written, as the checkpoint came without one and none of this kind describes its architecture; the folder does not load until you put one into it")
  static let derivedOptions = Self.fact(
    "build_opts.json was made from the architecture, as the checkpoint came without one")
  static let otherOptions = Self.fact(
    "no build_opts.json was written, as the checkpoint came without one and its number of heads is not known; the one that was in the folder is still there and may describe another model")
  static let otherConfiguration = Self.fact(
    "no config.json was written, as the checkpoint came without one and none of this kind describes its architecture; the one that was in the folder is still there and may describe another model")
  static let notFromAFolder = Self.fact(
    "no tokenizer and no generation_config.json were copied, as the source is not a folder; copy the tokenizer's files from the original to run the model on text")
  static func verbatimLeaves(_ names: [String]) -> Self {
    .fact(
      "not copied, as verbatim keeps tensors and texts alone: \(names.map(\.printable).joined(separator: ", "))")
  }
  /// - Parameter names: The names of tensors that the source's layout carries and this one does not.
  static func leftBehind(_ names: [String]) -> Self {
    .fact(
      "\(names.count == 1 ? "one tensor" : "\(names.count) tensors") of which the model computes nothing \(names.count == 1 ? "is" : "are") left out, as the layout has no place for them: \(names[0].printable)\(names.count > 1 ? " and \(names.count - 1) more" : "")"
    )
  }
  /// - Parameter names: The names of files that a container keeps and this export has no place for.
  static func keptLeaves(_ names: [String]) -> Self {
    .fact(
      "kept in the container and not written here: \(names.map(\.printable).joined(separator: ", "))")
  }
  /// - Parameter names: The full names of what a later version of this suite put into a container.
  static func laterLeft(_ names: [String]) -> Self {
    .fact(
      "not written, as a later version added it and only that knows what it is: \(names.map(\.printable).joined(separator: ", "))")
  }
  static func originalConfiguration(_ name: String) -> Self {
    .fact(
      "the config.json of the source's folder is written as \(name), as the weights were read with another configuration")
  }
  static let noTokenizerInside = Self.fact("the container keeps no tokenizer")
  static let noTokenizer = Self.fact("the source folder has no tokenizer to copy")
  static func strayLinks(_ names: [String]) -> Self {
    .fact(
      "not copied, as they are links that lead out of the source folder: \(names.map(\.printable).joined(separator: ", "))")
  }
  static func otherNeighbour(_ name: String) -> Self {
    .fact(
      "the \(name) beside it is not that of this model, and is read with it; name another folder, or remove that file")
  }
  static func unnamedForm(_ name: String) -> Self {
    .fact(
      "“\(name.printable)” is one safetensors file; name it “\(name.printable).safetensors”, or “\(name.printable)/” for a folder")
  }
  /// - Parameter names: The names of files in the folder that libraries read together with weights.
  static func leftInFolder(_ names: [String]) -> Self {
    .fact(
      "left in the folder as they were, and not of this export: \(names.map(\.printable).joined(separator: ", "))")
  }
  static func leftovers(_ names: [String]) -> Self {
    .fact(
      "removed what a run that was killed left: \(names.map(\.printable).joined(separator: ", "))")
  }
  /// The entries of the metadata that are written as texts. Whether one was a number or an atom in the source
  /// is not known here.
  static func metadataAsTexts(_ keys: [String]) -> Self {
    .fact(
      "written as texts in the metadata, also what was a number or an atom: \(keys.map(\.printable).joined(separator: ", "))")
  }
  static func metadataLeft(_ keys: [String]) -> Self {
    .fact(
      "of the metadata only the spec is written, without \(keys.map(\.printable).joined(separator: ", "))")
  }
}
