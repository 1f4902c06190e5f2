import HymbaFormat

/// A family that llama.cpp runs, and whose models are found in GGUF files.
protocol GGUFFamily: HuggingFaceFamily {
  /// The values of `general.architecture` of its models.
  var ggufArchitectures: [String] { get }

  /// The layout of its models in GGUF files.
  var ggufLayout: String { get }

  /// The options that no GGUF file holds, and that change what is computed, each with what is taken in its
  /// place.
  var untold: [UntoldOption] { get }

  /// The options of `config.json` that give the factors by which the converter multiplies weights, by the names of the
  /// factors.
  var factorOptions: [String: String] { get }

  /// Whether the model of a GGUF file with one of ``ggufArchitectures`` is of this family.
  func recognises(_ model: GGUFModel) -> Bool

  /// The `config.json` that the keys and tensors of a file describe.
  /// - Throws: ``ConversionError/option(_:found:expected:)`` with the key of a value that no model can have.
  func options(of model: GGUFModel) throws(ConversionError) -> GGUFOptions

  /// The properties that ``options(of:)`` reads for this family and not for every one.
  var ownProperties: Set<String> { get }

  /// What properties have to be that llama.cpp applies and the reading does not.
  func rules(_ options: GGUFOptions) -> [PropertyRule]

  /// The keys of a file that describe a model of this family: the inverse of ``options(of:)``.
  /// - Parameter contextLength: The longest sequence that the original was made for. It changes no result.
  func properties(of model: DescribedModel, contextLength: Int) -> GGUFProperties
}

extension GGUFFamily {
  /// The layout of the folders in which the models were released.
  var releasedLayout: String { "hf-\(name)" }
  var ggufLayout: String { "gguf-\(name)" }
  var factorOptions: [String: String] { [:] }
  var ownProperties: Set<String> { [] }
  func recognises(_ model: GGUFModel) -> Bool { true }
}

/// An option that no GGUF file holds.
struct UntoldOption: Sendable {
  let name: String
  /// What is computed where no configuration gives the option: `no limit of the time step`.
  let assumption: String

  static let timeStepLimits = UntoldOption(
    name: "time_step_limit", assumption: "no limit of the time step")
}

extension Families {
  /// The families that llama.cpp runs.
  static let gguf: [any GGUFFamily] = all.compactMap { $0 as? any GGUFFamily }

  /// The family of a GGUF file's model.
  /// - Throws: ``ConversionError/unsupported(_:)`` for an architecture that is not known here.
  static func family(of model: GGUFModel) throws(ConversionError) -> any GGUFFamily {
    let named = gguf.filter { $0.ggufArchitectures.contains(model.architecture) }
    if let family = named.first(where: { $0.recognises(model) }) { return family }
    let known = list(gguf.flatMap(\.ggufArchitectures).sorted().reduced, "and")
    throw .unsupported(
      "its \(GGUFModel.architectureKey) is “\(model.architecture.printable)”, and the architectures known here are \(known); --layout verbatim keeps the tensors under their own names"
    )
  }
}

extension [String] {
  /// A sorted list without repetitions.
  fileprivate var reduced: [String] {
    indices.filter { $0 == 0 || self[$0] != self[$0 - 1] }.map { self[$0] }
  }
}
