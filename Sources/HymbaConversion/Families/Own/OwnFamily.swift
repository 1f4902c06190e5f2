import HymbaFormat
import HymbaModel

/// The family of checkpoints with our own parameter names. Its configuration is an `Architecture` in JSON.
struct OwnFamily: Family {
  let name = "architecture"
  let modelName = "Architecture"
  let modelTitle = "any model"
  let title = "an Architecture"
  let configurationForm: String? = "an Architecture (hiddenSize, layers, …)"
  let configurationFile: String? = nil
  let fitsAnyLayout = true
  var layouts: [[UInt8]] { [PackageResources.hymba_json] }
  /// The table is empty: the type `Architecture` itself checks what a document may have.
  let options = OptionTable([])

  func recognises(_ document: JSONValue) -> Bool {
    document["layers"] != nil && document["hiddenSize"] != nil
  }

  func read(
    _ document: JSONValue, text: [UInt8], origin: String
  ) throws -> any FamilyConfiguration {
    OwnConfiguration(own: try Architecture(json: text))
  }

  /// Always nil. Files with our own names hold their architecture inside.
  func derived(from architecture: Architecture, type: ElementType?) -> ConfigurationDocument? { nil }

  func folderConfiguration(
    of model: OpenedModel, for layout: String, isThere: Bool, after cast: ModelCast?
  ) throws -> (document: ConfigurationDocument?, notes: [ExportNote]) { (nil, []) }

  func notes(on file: LoneFile, of model: OpenedModel) -> [ExportNote] { [] }
}

/// A configuration that is itself an `Architecture`.
struct OwnConfiguration: FamilyConfiguration {
  let own: Architecture
  var family: any Family { OwnFamily() }
  var notes: [String] { [] }

  func architecture(hasHead: Bool?) -> Architecture { own }

  func value(of option: String, in family: any InferringFamily) -> Int? {
    family.untoldOption(option, of: own)
  }

  /// Always true: an architecture settles every option.
  func gives(_ option: String) -> Bool { true }
}
