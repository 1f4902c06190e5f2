import HymbaFormat
import HymbaModel

/// A family of models: how its configuration is read and written, how its checkpoints are recognised, and which
/// layouts they have.
///
/// Each family has one folder. It holds one type that conforms to this protocol, one table of options, and the
/// layouts as JSON. One line in ``Families/all`` adds the family. `docs/families.md` says what to write.
protocol Family: Sendable {
  /// The name of the family, as the key `configuration` of a layout document has it.
  var name: String { get }
  /// The name of the models, for lists in messages: `Zamba`.
  var modelName: String { get }
  /// The only release of ``modelName`` that is known here; nil where all releases are.
  var modelRelease: String? { get }
  /// The name of a model, with an article: `a Zamba`.
  var modelTitle: String { get }
  /// The name of a configuration, with an article: `a config.json of a Zamba`.
  var title: String { get }
  /// The form of a configuration that is no `config.json`, with the options by which people know it; nil for a
  /// `config.json`.
  var configurationForm: String? { get }
  /// The name of the configuration file beside the weights; nil where there is none.
  var configurationFile: String? { get }
  /// The layouts as JSON texts, in the order in which they are tried.
  var layouts: [[UInt8]] { get }
  /// All options of the configuration.
  var options: OptionTable { get }
  /// Whether a configuration of this family can describe models of any family, and so fits every layout.
  var fitsAnyLayout: Bool { get }
  /// The ending of the family's own file format for whole checkpoints; nil where there is none.
  var file: OutputName.Ending? { get }
  /// Other networks whose checkpoints look like those of this family.
  var strangers: [CheckpointKind] { get }
  /// Parts of models of this family, which have no layout of their own.
  var parts: [CheckpointKind] { get }

  /// Refuses a checkpoint in the names of this family that another program has rewritten.
  ///
  /// - Throws: ``ConversionError/otherKind(_:)`` with what shows it.
  func requireOriginal(_ tensors: TensorTable) throws(ConversionError)

  /// Whether a document is a configuration of this family.
  func recognises(_ document: JSONValue) -> Bool

  /// Reads a document that ``recognises(_:)`` accepts.
  ///
  /// - Parameters:
  ///   - text: The document's bytes.
  ///   - origin: The document's name, for messages.
  /// - Throws: ``ConversionError`` and `ModelError` for values that no model can have.
  func read(
    _ document: JSONValue, text: [UInt8], origin: String
  ) throws -> any FamilyConfiguration

  /// Makes a configuration of an architecture, for a checkpoint that came without one.
  ///
  /// - Parameter type: The element type of the tensors; nil where it is not known.
  /// - Returns: The configuration; nil where none of this family describes the architecture.
  func derived(from architecture: Architecture, type: ElementType?) -> ConfigurationDocument?

  /// The configuration that an exported folder gets beside the weights, and notes about it.
  ///
  /// - Parameters:
  ///   - layout: The name or path of the layout, which belongs to this family.
  ///   - isThere: Whether the folder already has a configuration file.
  ///   - cast: The cast of the tensors before the export; nil without one.
  /// - Throws: The errors of reading the configuration that the checkpoint came with.
  func folderConfiguration(
    of model: OpenedModel, for layout: String, isThere: Bool, after cast: ModelCast?
  ) throws -> (document: ConfigurationDocument?, notes: [ExportNote])

  /// Notes about a safetensors file that is written alone: what a reader of the file will miss, or will take
  /// from the configuration of another model.
  func notes(on file: LoneFile, of model: OpenedModel) -> [ExportNote]
}

extension Family {
  var modelRelease: String? { nil }
  var configurationForm: String? { nil }
  var fitsAnyLayout: Bool { false }
  var file: OutputName.Ending? { nil }
  var strangers: [CheckpointKind] { [] }
  var parts: [CheckpointKind] { [] }

  func requireOriginal(_ tensors: TensorTable) throws(ConversionError) {}

  /// Whether the checkpoints are folders with a `config.json` and safetensors files.
  var isHuggingFace: Bool { self is any HuggingFaceFamily }
}

/// A configuration that a family has read.
protocol FamilyConfiguration: Sendable {
  var family: any Family { get }
  /// What a user should know of the document, one sentence each: options that are not known here, and values
  /// that the original takes otherwise than they look.
  var notes: [String] { get }
  /// The value that this configuration gives an option of an ``InferringFamily``; nil where it does not give
  /// one.
  func value(of option: String, in family: any InferringFamily) -> Int?
  /// Whether this configuration settles an option of an ``InferringFamily``.
  func gives(_ option: String) -> Bool

  /// The architecture that the configuration describes.
  ///
  /// - Parameter hasHead: Whether the checkpoint has an output head; nil where its tensors do not tell.
  /// - Throws: ``ConversionError`` and `ModelError` for values that no model can have.
  func architecture(hasHead: Bool?) throws -> Architecture
}

extension FamilyConfiguration {
  func value(of option: String, in family: any InferringFamily) -> Int? { nil }
  func gives(_ option: String) -> Bool { false }
}
