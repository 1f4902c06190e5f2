public import HymbaFormat

/// What an export wrote. Its JSON form has a schema, `Schemas/conversion.schema.json`.
public struct ExportOutcome: Sendable, Encodable {
  public let source: String
  public let output: String
  public let layout: String
  public let tensors: Int
  /// Of the tensors' data.
  public let bytes: Int
  /// Names of the files with the tensors, an index first.
  public internal(set) var files: [String] = []
  /// Names of the other files that were written beside them.
  public internal(set) var companions: [String] = []
  /// Whether what was written was read again and is equal to what was to be written.
  public let verified: Bool
  /// Nil when nothing was cast.
  @OrNull public internal(set) var cast: CastReport?
  /// What the reader of the output may miss, one sentence each.
  public internal(set) var notes: [String] = []

  init(source: String, output: String, layout: String, tensors: TensorTable, verified: Bool) {
    self.source = source
    self.output = output
    self.layout = layout
    self.tensors = tensors.count
    self.bytes = tensors.totalBytes
    self.verified = verified
  }

  static let derivedConfiguration =
    "config.json was made from the architecture, as the checkpoint came without one of this kind; what changes no result has the values of the released models"
  static let noConfiguration =
    "no config.json was written, as the checkpoint came without one and none of this kind describes its architecture; the folder does not load until you put one into it"
  static let derivedOptions =
    "build_opts.json was made from the architecture, as the checkpoint came without one"
  static let noOptions =
    "no build_opts.json was written, as the checkpoint came without one and its number of heads is not known; pass --config to write one"
  static let otherOptions =
    "no build_opts.json was written, as the checkpoint came without one and its number of heads is not known; the one that was in the folder is still there and may describe another model"
  static let otherConfiguration =
    "no config.json was written, as the checkpoint came without one and none of this kind describes its architecture; the one that was in the folder is still there and may describe another model"
  static let notFromAFolder =
    "no tokenizer and no generation_config.json were copied, as the source is not a folder; copy the tokenizer's files from the original to run the model on text"
  /// - Parameter difference: Of the names from those of the layout.
  static func sourceNames(_ difference: String) -> String {
    "the names are those of the source, \(difference), under which Hugging Face's libraries do not find the weights; pass --plain-names to write the layout's own"
  }
  static func verbatimLeaves(_ names: [String]) -> String {
    "not copied, as verbatim keeps tensors and texts alone: \(names.map(\.printable).joined(separator: ", "))"
  }
  static let noTokenizer = "the source folder has no tokenizer to copy"
  static func strayLinks(_ names: [String]) -> String {
    "not copied, as they are links that lead out of the source folder: \(names.map(\.printable).joined(separator: ", "))"
  }
  static let loneFile =
    "a lone file needs the original's config.json beside it to load; name a folder with -o to get both"
  static func otherNeighbour(_ name: String) -> String {
    "the \(name) beside it is not that of this model, and is read with it; name another folder, or remove that file"
  }
  static func headsNotInFile(_ heads: Int) -> String {
    "its \(heads) heads are in no tensor, so reading it takes --config; a folder or an .nx keeps them"
  }
  static func specNotKept(_ origin: String) -> String {
    "\(origin.printable) is not written, as verbatim keeps tensors and texts alone; pass it with --config when you read the output with a layout"
  }
  static func unnamedForm(_ name: String) -> String {
    "“\(name.printable)” is one safetensors file; name it “\(name.printable).safetensors”, or “\(name.printable)/” for a folder"
  }
  /// - Parameter names: Of files of the folder that libraries read together with weights.
  static func leftInFolder(_ names: [String]) -> String {
    "left in the folder as they were, and not of this export: \(names.map(\.printable).joined(separator: ", "))"
  }
  static func leftovers(_ names: [String]) -> String {
    "removed what a run that was killed left: \(names.map(\.printable).joined(separator: ", "))"
  }
  static let noSpec =
    "no spec was written, as the checkpoint came without one and its number of heads is not known; pass --config to write one"
  /// Only as texts are these entries known here: whether one was a number or an atom is lost.
  static func metadataAsTexts(_ keys: [String]) -> String {
    "written as texts in the metadata, also what was a number or an atom: \(keys.map(\.printable).joined(separator: ", "))"
  }
  static func metadataLeft(_ keys: [String]) -> String {
    "of the metadata only the spec is written, without \(keys.map(\.printable).joined(separator: ", "))"
  }
}
