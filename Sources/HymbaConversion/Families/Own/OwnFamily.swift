import HymbaFormat
import HymbaModel

/// Our own parameter names, with an `Architecture` in JSON as the configuration.
struct OwnFamily: Family {
  let name = "architecture"
  let modelName = "Architecture"
  let modelTitle = "any model"
  let title = "an Architecture"
  let configurationForm: String? = "an Architecture (hiddenSize, layers, …)"
  let configurationFile: String? = nil
  let fitsAnyLayout = true
  var layouts: [[UInt8]] { [PackageResources.hymba_json] }
  /// The type decides what a document may have.
  let options = OptionTable([])

  func recognises(_ document: JSONValue) -> Bool {
    document["layers"] != nil && document["hiddenSize"] != nil
  }

  func read(
    _ document: JSONValue, text: [UInt8], origin: String
  ) throws -> any FamilyConfiguration {
    OwnConfiguration(own: try Architecture(json: text))
  }

  /// Files with our own names hold their architecture themselves.
  func derived(from architecture: Architecture, type: ElementType?) -> ConfigurationDocument? { nil }

  func folderConfiguration(
    of model: OpenedModel, for layout: String, isThere: Bool, after cast: ModelCast?
  ) throws -> (document: ConfigurationDocument?, notes: [ExportNote]) { (nil, []) }

  func notes(on file: LoneFile, of model: OpenedModel) -> [ExportNote] { [] }
}

/// An architecture that a document gives as it is.
struct OwnConfiguration: FamilyConfiguration {
  let own: Architecture
  var family: any Family { OwnFamily() }
  var note: String? { nil }

  func architecture(hasHead: Bool?) -> Architecture { own }

  func value(of option: String, in family: any InferringFamily) -> Int? {
    family.untoldOption(option, of: own)
  }

  /// An architecture says all of them.
  func gives(_ option: String) -> Bool { true }
}
