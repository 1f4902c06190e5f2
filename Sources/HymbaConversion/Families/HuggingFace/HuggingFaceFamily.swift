import FoundationEssentials
import HymbaFormat
import HymbaModel

/// A family whose checkpoints are folders with a `config.json` and safetensors files.
protocol HuggingFaceFamily: Family {
  /// The architecture that a `config.json` describes. Every value is read as ``Family/options`` says.
  ///
  /// - Parameter hasHead: Whether the checkpoint has an output head; nil where its tensors do not tell.
  /// - Throws: ``ConversionError/option(_:found:expected:)`` for a value that the original cannot use, or that
  ///   would make another model than the one computed here; `ModelError` for values that no model can have.
  func architecture(
    _ values: OptionValues, hasHead: Bool?
  ) throws -> Architecture

  /// Notes about the values of a `config.json`, one sentence each. It is called before
  /// ``architecture(_:hasHead:)``, so the values may be impossible.
  func notes(on values: OptionValues, origin: String) -> [String]
}

extension HuggingFaceFamily {
  var configurationFile: String? { "config.json" }

  func notes(on values: OptionValues, origin: String) -> [String] { [] }

  func requireOriginal(_ tensors: TensorTable) throws(ConversionError) {
    guard let name = tensors.firstConvolutionOfMLX else { return }
    throw .otherKind(
      "a checkpoint that MLX wrote: “\(name.printable)” has its last two axes exchanged; convert the original checkpoint"
    )
  }

  func read(
    _ document: JSONValue, text: [UInt8], origin: String
  ) -> any FamilyConfiguration {
    let values = OptionValues(document, options)
    return HuggingFaceConfiguration(
      huggingFace: self, values: values,
      notes: options.notes(on: document, origin: origin) + notes(on: values, origin: origin))
  }

  /// Makes a `config.json` with every option that changes what is computed, and with the options that the
  /// original needs to load.
  ///
  /// The document is read back. The result is nil where it does not give the same architecture.
  func derived(from architecture: Architecture, type: ElementType?) -> ConfigurationDocument? {
    let value = options.document(of: DescribedModel(architecture: architecture, type: type))
    guard let document = ConfigurationDocument(pythonOptions: value, origin: "config.json") else { return nil }
    let read = try? Configuration(document)
    guard read?.family.name == name, (try? read?.architecture()) == architecture else { return nil }
    return document
  }

  func folderConfiguration(
    of model: OpenedModel, for layout: String, isThere: Bool, after cast: ModelCast?
  ) throws -> (document: ConfigurationDocument?, notes: [ExportNote]) {
    if let own = try model.exportConfiguration(for: layout) {
      return (own, own.typeNote(after: cast))
    }
    if let derived = try model.derivedConfiguration(for: layout) {
      return (derived, [ExportNote.derivedConfiguration])
    }
    return (
      nil, [isThere ? ExportNote.otherConfiguration : ExportNote.noConfiguration]
    )
  }

  func notes(on file: LoneFile, of model: OpenedModel) -> [ExportNote] {
    switch NeighbouringConfiguration("config.json", in: file.folder, of: model) {
    case .none: [ExportNote.loneFile]
    case .other(let name): [ExportNote.otherNeighbour(name)]
    case .same: []
    }
  }
}

/// A `config.json` that was read.
struct HuggingFaceConfiguration: FamilyConfiguration {
  let huggingFace: any HuggingFaceFamily
  let values: OptionValues
  let notes: [String]

  var family: any Family { huggingFace }

  func architecture(hasHead: Bool?) throws -> Architecture {
    try values.architecture {
      try huggingFace.architecture(values, hasHead: hasHead)
    }
  }
}

extension ConfigurationDocument {
  /// A document with these options, as Python's `json` writes it.
  /// - Returns: Nil for numbers that JSON and Python cannot write.
  init?(pythonOptions options: JSONValue, origin: String) {
    let infinity = "Infinity"
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: infinity, negativeInfinity: "-" + infinity, nan: "NaN")
    guard let json = try? encoder.encode(options) else { return nil }
    // Every version of transformers reads the bare word, as Python's json does. Version 4 reads nothing else.
    let text = String(decoding: json, as: UTF8.self)
      .replacing("\"\(infinity)\"", with: infinity)
    self.init(origin: origin, text: text + "\n")
  }
}

extension TensorTable {
  /// The name of the first weight of a convolution with the axes [channels, width, 1], as MLX has them, where
  /// PyTorch has [channels, 1, width]; nil where there is none.
  var firstConvolutionOfMLX: String? {
    first { tensor in
      let shape = tensor.shape.dimensions
      return tensor.name.hasSuffix("conv1d.weight") && shape.count == 3 && shape[1] > 1
        && shape[2] == 1
    }?.name
  }
}

extension ConfigurationDocument {
  /// A note for a `config.json` that still names the element type from before the cast, as it is kept verbatim;
  /// none where the type is right.
  fileprivate func typeNote(after cast: ModelCast?) -> [ExportNote] {
    guard let type = cast?.report.dtype.elementType, type != .float64,
      let value = try? JSONValue(parsing: Array(text.utf8), .python),
      case .string(let declared)? = value["torch_dtype"] ?? value["dtype"]
    else { return [] }
    guard type.torchName != declared else { return [] }
    return [
      .fact(
        "config.json is kept as it was and says torch_dtype \(declared.printable), but the tensors are \(type.rawValue) now"
      )
    ]
  }
}

extension ElementType {
  /// The name of the type in a `config.json`; nil for types that models are not computed in.
  var torchName: String? {
    switch self {
    case .float32: "float32"
    case .float16: "float16"
    case .bfloat16: "bfloat16"
    default: nil
    }
  }
}
