import HymbaFormat
import HymbaModel

/// A family of models: how its configuration is read and written, how its checkpoints are recognised, and which
/// layouts they have.
///
/// A family is one folder, with one type that conforms, one table of its options, and its layouts as JSON; and one
/// line in ``Families/all``. `docs/families.md` says what to write.
protocol Family: Sendable {
  /// The name that the key `configuration` of a layout has.
  var name: String { get }
  /// The name of the models, as lists of them have it: `Zamba`.
  var modelName: String { get }
  /// The release of ``modelName`` that is meant where others are not known here; nil where all are.
  var modelRelease: String? { get }
  /// The model that a configuration describes, with an article: `a Zamba`.
  var modelTitle: String { get }
  /// The configuration, with an article: `a config.json of a Zamba`.
  var title: String { get }
  /// What else than a `config.json` a configuration may be, with options that tell; nil for a `config.json`.
  var configurationForm: String? { get }
  /// The name of the file that lies beside the weights; nil where none does.
  var configurationFile: String? { get }
  /// JSON texts of the layouts, in the order in which they are tried.
  var layouts: [[UInt8]] { get }
  /// The table of all options of the configuration.
  var options: OptionTable { get }
  /// Whether a configuration describes models of any family, so that it fits every layout.
  var fitsAnyLayout: Bool { get }
  /// The file of its own that holds a whole checkpoint; nil where there is none.
  var file: OutputName.Ending? { get }
  /// Networks that look alike and are others.
  var strangers: [CheckpointKind] { get }
  /// Parts of its models, which no layout knows alone.
  var parts: [CheckpointKind] { get }

  /// Whether a document is a configuration of this family.
  func recognises(_ document: JSONValue) -> Bool

  /// Reads a document that is one.
  ///
  /// - Parameters:
  ///   - text: The document's bytes.
  ///   - origin: The document's name, for messages.
  /// - Throws: ``ConversionError`` and `ModelError` for values that no model can have.
  func read(
    _ document: JSONValue, text: [UInt8], origin: String
  ) throws -> any FamilyConfiguration

  /// The configuration of an architecture, for a checkpoint that came without one.
  ///
  /// - Parameter type: The type of the tensors.
  /// - Returns: Nil where no configuration of this family describes the architecture.
  func derived(from architecture: Architecture, type: ElementType?) -> ConfigurationDocument?

  /// What an exported folder has beside the weights.
  ///
  /// - Parameters:
  ///   - layout: The layout's name or path, which is one of this family.
  ///   - isThere: Whether the folder has such a file already.
  ///   - cast: What was done to the tensors.
  /// - Throws: the errors of reading the document that the checkpoint came with.
  func folderConfiguration(
    of model: OpenedModel, for layout: String, isThere: Bool, after cast: ModelCast?
  ) throws -> (document: ConfigurationDocument?, notes: [ExportNote])

  /// What a reader of a safetensors file that is written alone will miss, or take from another model.
  func notes(on file: LoneFile, of model: OpenedModel) -> [ExportNote]
}

extension Family {
  var modelRelease: String? { nil }
  var configurationForm: String? { nil }
  var fitsAnyLayout: Bool { false }
  var file: OutputName.Ending? { nil }
  var strangers: [CheckpointKind] { [] }
  var parts: [CheckpointKind] { [] }

  /// Whether checkpoints are folders with a `config.json` and safetensors.
  var isHuggingFace: Bool { self is any HuggingFaceFamily }
}

/// A configuration that a family has read.
protocol FamilyConfiguration: Sendable {
  var family: any Family { get }
  /// A sentence that names options that nothing here knows; nil without any.
  var note: String? { get }
  /// The value of an option of a family whose options shapes tell; nil where this configuration says nothing of it.
  func value(of option: String, in family: any InferringFamily) -> Int?
  /// Whether the configuration says what an option of such a family is.
  func gives(_ option: String) -> Bool

  /// - Parameter hasHead: Whether the checkpoint has a head, where its tensors tell.
  /// - Throws: ``ConversionError`` and `ModelError` for values that no model can have.
  func architecture(hasHead: Bool?) throws -> Architecture
}

extension FamilyConfiguration {
  func value(of option: String, in family: any InferringFamily) -> Int? { nil }
  func gives(_ option: String) -> Bool { false }
}
