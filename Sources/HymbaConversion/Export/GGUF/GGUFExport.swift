import HymbaCheckpoints
import HymbaFormat
import HymbaModel

/// What an export into a GGUF file writes beside the numbers: the keys, the types, and what a user should know.
struct GGUFExport {
  let keys: [GGUFEntry]
  let storage: GGUFStorage
  private(set) var notes: [ExportNote] = []

  /// The length of sequences where the configuration does not say it. It is what llama.cpp's converter writes.
  private static let contextLength = 1 << 20

  /// - Parameters:
  ///   - layout: The name of the layout that is written.
  ///   - storage: The type of the matrices; nil for the one in which they are.
  /// - Throws: ``ConversionError/exportImpossible(_:)`` for a layout of no family that llama.cpp knows, and the
  ///   errors of reading the keys of the file that the model came from.
  init(_ model: OpenedModel, layout: String, storage: GGUFStorage?) throws {
    guard let family = try LayoutCatalog.layout(layout).configuration.family as? any GGUFFamily,
      let architecture = model.architecture
    else { throw ConversionError.exportImpossible("the layout \(layout) has no place in a GGUF file") }
    let described = DescribedModel(architecture: architecture, type: nil)
    let properties = family.properties(
      of: described, contextLength: Self.contextLength(of: model))
    let source = try model.ggufKeys
    let chosen = storage.map { ($0, nil) } ?? GGUFStorage.chosen(for: model, source)
    let storage = chosen.0
    notes += [chosen.1].compactMap(\.self)
    var keys = [
      GGUFEntry(GGUFModel.architectureKey, properties.architecture), GGUFEntry("general.type", "model"),
      GGUFEntry("general.file_type", storage.fileType),
      GGUFEntry("general.quantization_version", UInt32(2)),
    ]
    keys += properties.entries
    // Keys of the file that this one is made of are kept, but for those that are written anew. What its model was
    // made for changes no result, and only that file says it.
    var told = ["context_length"]
    if source?.type(of: "\(properties.architecture).nextn_predict_layers") != nil {
      // The count and the lists have the layers too that predict further tokens, which the architecture has not.
      told += ["block_count", "attention.head_count_kv", "feed_forward_length"]
    }
    for key in told.map({ "\(properties.architecture).\($0)" }) where source?.type(of: key) != nil {
      keys.removeAll { $0.key == key }
    }
    let written = Set(keys.map(\.key))
    let kept = try source?.entries { key in
      !written.contains(key) && !key.hasPrefix("split.") && key != "general.alignment"
    }
    keys += kept ?? []
    if !keys.contains(where: { $0.key == Self.tokenizerKey }) {
      let (entries, told) = Self.tokenizer(of: model, rows: architecture.input.size)
      keys += entries
      notes += told.map(ExportNote.fact)
    }
    self.keys = keys
    self.storage = storage
    notes += Self.losses(architecture, family)
  }

  private static let tokenizerKey = "tokenizer.ggml.model"

  /// The keys of the tokenizer that lies beside the model, or placeholders, and what is to be said of them.
  private static func tokenizer(of model: OpenedModel, rows: Int) -> ([GGUFEntry], notes: [String]) {
    var why = "no tokenizer is written"
    do {
      if let files = try TokenizerFiles(of: model) {
        let tokenizer = try GGUFTokenizer(files, configuration(of: model), rows: rows)
        return (tokenizer.entries, tokenizer.notes)
      }
    } catch let error as GGUFTokenizer.Unfit {
      why = "the tokenizer of \(TokenizerFiles.documentName) is not written, since \(error.why)"
    } catch {
      let cause = (error as? FileDiagnosis)?.cause ?? error
      why = "\(TokenizerFiles.documentName) cannot be read (\(cause))"
    }
    return (
      placeholders(count: rows),
      ["the tokens have placeholders for names, as \(why): llama.cpp takes and gives ids, and no text"]
    )
  }

  /// A vocabulary of names that stand for nothing. The programs of llama.cpp stop at a file without a vocabulary,
  /// also where they are given ids.
  private static func placeholders(count: Int) -> [GGUFEntry] {
    [
      GGUFEntry(tokenizerKey, "llama"), GGUFEntry("tokenizer.ggml.pre", "default"),
      GGUFEntry("tokenizer.ggml.tokens", (0..<count).map { "<id \($0)>" }),
      GGUFEntry("tokenizer.ggml.scores", (0..<count).map { -Float($0) }),
      // The type 1 is that of ordinary tokens.
      GGUFEntry("tokenizer.ggml.token_type", [Int32](repeating: 1, count: count)),
    ]
  }

  /// The `config.json` of the original; null where none is known.
  private static func configuration(of model: OpenedModel) -> JSONValue {
    model.configurationValue ?? .null
  }

  /// The longest sequence that the configuration of the original names.
  private static func contextLength(of model: OpenedModel) -> Int {
    guard let length = configuration(of: model)["max_position_embeddings"]?.wholeNumber,
      (1...Architecture.largestSize).contains(length)
    else { return contextLength }
    return length
  }

  /// What llama.cpp computes otherwise, as a GGUF file has no place for it.
  private static func losses(_ architecture: Architecture, _ family: any GGUFFamily) -> [ExportNote] {
    var notes: [ExportNote] = []
    func lost(_ what: String) {
      notes.append(.fact("a GGUF file has no place for \(what), so llama.cpp computes without, and gives other logits"))
    }
    let (epsilon, others) = (
      architecture.layers.lazy.compactMap { $0.mamba?.innerNorms.ownEpsilon }.first, architecture.norm.epsilon
    )
    if let epsilon, epsilon != others {
      notes.append(
        .fact(
          "a GGUF file has no place for the epsilon of the norms of dt, B and C, \(epsilon), so llama.cpp takes that of the other norms, \(others), and gives other logits"
        ))
    }
    let mambas = architecture.layers.compactMap(\.mamba2)
    if let limits = mambas.lazy.compactMap(\.timeStepLimits).first {
      lost("the limits of the time step, \(limits.lower) to \(limits.upper.map { "\($0)" } ?? "no bound")")
    }
    if mambas.contains(where: { $0.gatedNorm?.order == .beforeGate }) { lost("a norm before the gate") }
    if family is FalconH1Family {
      let factors = architecture.multipliers
      if architecture.output == .tiedLogits, (factors.embedding ?? 1) != (factors.logits ?? 1) {
        notes.append(
          .fact(
            "the head is the embedding, whose multiplier it shares in a GGUF file: the logits of llama.cpp come out \((factors.embedding ?? 1) / (factors.logits ?? 1)) times as large"
          ))
      }
      if architecture.layers.contains(where: { $0.attention?.biases.isEmpty == false }) {
        notes.append(
          .fact("the biases of attention are multiplied as its weights are, which is what llama.cpp computes and another function"))
      }
    }
    let kinds = Set(architecture.layers.filter { $0.mixer == nil }.map { $0.feedForward.mixture == nil })
    if family is NemotronHFamily, kinds.count == 2 {
      notes.append(.fact("llama.cpp does not load a model that has layers with experts and layers with one network"))
    }
    if family is GraniteHybridFamily, architecture.layers.contains(where: { $0.attention?.rotary != nil }) {
      notes.append(.fact("llama.cpp's own converter leaves out that this model has rotary positions; this file says it"))
    }
    return notes
  }
}
