import FoundationEssentials
import HymbaFormat
import HymbaModel

extension ConfigurationFamily {
  /// The `config.json` of an architecture, for a checkpoint that came without one: every option that changes
  /// what is computed, and those that the original needs to load.
  ///
  /// - Parameter type: Of the tensors.
  /// - Returns: Nil where no file of this kind describes the architecture: it is read back and compared.
  func derived(from architecture: Architecture, type: ElementType?) -> ConfigurationDocument? {
    guard let shared = DerivedConfiguration(architecture, type) else { return nil }
    let own: (any Encodable)? =
      switch self {
      case .nvidiaHymba: DerivedNvidiaConfiguration(architecture)
      case .jamba: DerivedJambaConfiguration(architecture)
      case .zamba: DerivedZambaConfiguration(architecture)
      case .edifice, .architecture: nil
      }
    let encoder = JSONEncoder()
    encoder.keyEncodingStrategy = .convertToSnakeCase
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
    guard let own, let json = try? encoder.encode(Both(shared: shared, own: own)) else {
      return nil
    }
    let document = ConfigurationDocument(
      origin: "config.json", text: String(decoding: json, as: UTF8.self) + "\n")
    let read = try? Configuration(document)
    guard read?.family == self, (try? read?.architecture()) == architecture else { return nil }
    return document
  }
}

/// Two values as one object.
private struct Both: Encodable {
  let shared: DerivedConfiguration
  let own: any Encodable

  func encode(to encoder: any Encoder) throws {
    try shared.encode(to: encoder)
    try own.encode(to: encoder)
  }
}

/// The options that the files of all kinds have, under Hugging Face's names in camel case.
private struct DerivedConfiguration: Encodable {
  let vocabSize: Int
  let hiddenSize: Int
  let numHiddenLayers: Int
  let rmsNormEps: Double
  let tieWordEmbeddings: Bool
  // Without a layer of Mamba the class defaults do.
  let mambaDState: Int?
  let mambaDConv: Int?
  let mambaDtRank: Int?
  let mambaExpand: Expansion?
  let mambaConvBias: Bool?
  let mambaProjBias: Bool?
  /// PyTorch's name of the tensors' type.
  let torchDtype: String?

  init?(_ architecture: Architecture, _ type: ElementType?) {
    guard case .tokens(let vocabularySize) = architecture.input else { return nil }
    let mamba = architecture.layers.lazy.compactMap(\.mamba).first
    self.vocabSize = vocabularySize
    self.hiddenSize = architecture.hiddenSize
    self.numHiddenLayers = architecture.layers.count
    self.rmsNormEps = architecture.norm.epsilon
    self.tieWordEmbeddings = architecture.output == .tiedLogits
    self.mambaDState = mamba?.stateSize
    self.mambaDConv = mamba?.convWidth
    self.mambaDtRank = mamba?.rank
    self.mambaExpand = mamba.map { Expansion($0.innerSize, architecture.hiddenSize) }
    self.mambaConvBias = mamba.map { $0.biases.contains(.convolution) }
    self.mambaProjBias = mamba.map { $0.biases.contains(.input) }
    self.torchDtype = type?.torchName
  }
}

/// How often the hidden size goes into the inner one: a whole number where it is one, as most originals need.
private enum Expansion: Encodable {
  case whole(Int)
  case fraction(Double)

  init(_ inner: Int, _ hidden: Int) {
    self =
      inner.isMultiple(of: hidden)
      ? .whole(inner / hidden) : .fraction(Double(inner) / Double(hidden))
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    switch self {
    case .whole(let value): try container.encode(value)
    case .fraction(let value): try container.encode(value)
    }
  }
}

extension ElementType {
  /// What a `config.json` calls it; nil for types that models are not computed in.
  var torchName: String? {
    switch self {
    case .float32: "float32"
    case .float16: "float16"
    case .bfloat16: "bfloat16"
    default: nil
    }
  }
}
