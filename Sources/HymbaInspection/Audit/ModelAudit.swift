import HymbaConversion
import HymbaFormat
import HymbaModel

/// The comparison of a checkpoint's names and shapes with the model that its configuration describes.
struct ModelAudit {
  private(set) var findings: [Finding] = []

  private let recognised: RecognitionAccount
  private let tensors: TensorTable

  /// - Parameters:
  ///   - hidden: The tensors that an index puts into files that cannot be read.
  ///   - isPartial: Whether the checkpoint has more tensors than those of `tensors`.
  ///   - configuration: The configuration; nil where there is none.
  init(
    _ recognised: RecognitionAccount, _ tensors: TensorTable, hidden: Set<String>, isPartial: Bool,
    _ configuration: AuditedConfiguration?
  ) {
    self.recognised = recognised
    self.tensors = tensors
    let origin = configuration?.origin ?? recognised.configuration ?? "the architecture"
    // A configuration of other layers is wrong as a whole, which lists of names would not say.
    if let disagreement = recognised.disagreement {
      // The sentence begins with the configuration, as the finding does.
      findings.append(
        Finding(.layers, .error, origin, disagreement.utf8Rest(after: origin + " ") ?? disagreement))
    } else {
      if !isPartial { addMissing(hidden, configuration) }
      addLeftovers()
    }
    addMismatches(origin)
    addTies(configuration)
    // A GGUF file's tensor of which a parameter is computed is kept too, for the last bits of the numbers.
    let carried = recognised.account.ledger.carried.filter { recognised.uses[$0] == nil }
    addCarried(FoldedNames.fold(carried), count: carried.count)
    findings += recognised.assumptions.map { Self.finding($0, origin) }
  }

  /// The most findings of tensors that are carried. Layers that predict further tokens have many.
  private static let carriedFindings = 3

  private mutating func addCarried(_ groups: [FoldedNames], count: Int) {
    if groups.count > Self.carriedFindings {
      findings.append(
        Finding(
          .carried, .note, groups[0].text,
          "and others, \(count) tensors in all, are kept by conversions, and no implementation of the model uses them"))
      return
    }
    findings += groups.map { names in
      Finding(
        .carried, .note, names.text,
        "\(names.count == 1 ? "is" : "are") kept by conversions, and no implementation of the model uses \(names.count == 1 ? "it" : "them")"
      )
    }
  }

  /// The finding of an assumption. A sentence that names its subject itself does not get another one.
  private static func finding(_ assumption: String, _ origin: String) -> Finding {
    for subject in [origin, "a GGUF file", "the GGUF file"] {
      guard let rest = assumption.utf8Rest(after: subject + " ") else { continue }
      return Finding(.assumption, .note, subject, rest)
    }
    for verb in ["is left aside", "are left aside", "is assumed to be"] {
      guard let place = assumption.firstRange(of: " " + verb) else { continue }
      return Finding(
        .assumption, .note, String(assumption[..<place.lowerBound]),
        String(assumption[place.lowerBound...].dropFirst()))
    }
    return Finding(.assumption, .note, origin, "is taken so: \(assumption)")
  }

  private mutating func addMissing(
    _ hidden: Set<String>, _ configuration: AuditedConfiguration?
  ) {
    let head = recognised.external("lm_head.weight")
    var missing = recognised.account.problems.missing.filter { !hidden.contains($0) }
    if missing.contains(head), let configuration {
      missing.removeAll { $0 == head }
      let tie =
        configuration.value["tie_word_embeddings"] == .bool(false)
        ? "says tie_word_embeddings false"
        : "leaves out tie_word_embeddings, which its class takes as false"
      findings.append(
        Finding(
          .tie, .error, head,
          "is absent, and \(configuration.origin) \(tie), so that the model has a head of its own"))
    }
    findings += FoldedNames.fold(missing).map { names in
      Finding(
        .parameterMissing, .error, names.text,
        "\(names.count == 1 ? "is" : "are \(names.count) tensors, all") absent, and the model needs \(names.count == 1 ? "it" : "them")"
      )
    }
  }

  private mutating func addLeftovers() {
    findings += FoldedNames.fold(recognised.account.problems.unexpected).map { names in
      Finding(
        .leftover, .error, names.text,
        "\(names.count == 1 ? "is" : "are \(names.count) tensors that are each") no part of the model: the layout \(recognised.layout) has no place for \(names.count == 1 ? "it" : "them"), and conversions refuse the checkpoint"
      )
    }
  }

  // MARK: Shapes

  private mutating func addMismatches(_ origin: String) {
    let problems = recognised.account.problems
    var sentences: [String: [String]] = [:]
    var order: [String] = []
    for sentence in problems.mismatched {
      guard let (name, rest) = subject(of: sentence) else {
        findings.append(Finding(.shape, .error, origin, sentence))
        continue
      }
      if sentences[rest] == nil { order.append(rest) }
      sentences[rest, default: []].append(name)
    }
    for rest in order {
      findings += FoldedNames.fold(sentences[rest] ?? []).map { names in
        let verb = names.count == 1 ? "is" : "are"
        return rest.contains(" beside ")
          ? Finding(
            .dtype, .error, names.text,
            "\(verb) \(rest), and one parameter is made of both: conversions refuse the checkpoint")
          : Finding(.shape, .error, names.text, "\(verb) \(rest), which \(origin) asks for")
      }
    }
    findings += problems.repeated.map { Finding(.layout, .error, recognised.layout, "uses twice: \($0)") }
  }

  /// The tensor that a sentence of the ledger is about, and the rest of it behind `is`.
  private func subject(of sentence: String) -> (name: String, rest: String)? {
    let verb = " is "
    // A name may hold the verb itself, so the first place counts where a tensor's name ends.
    for place in sentence.ranges(of: verb) {
      let name = String(sentence[..<place.lowerBound])
      if tensors[name] != nil { return (name, String(sentence[place.upperBound...])) }
    }
    return nil
  }

  // MARK: Ties

  private mutating func addTies(_ configuration: AuditedConfiguration?) {
    let head = recognised.external("lm_head.weight")
    let isTied = recognised.architecture.output == .tiedLogits
    if isTied, recognised.variant.copies.contains("lm_head.weight") {
      findings.append(
        Finding(
          .tie, .note, head,
          "is stored beside the embedding that it is tied to: both should have the same values, which are not read here"
        ))
    }
    if isTied, recognised.variant.substitutes.contains("lm_head.weight") {
      findings.append(
        Finding(
          .tie, .warning, head,
          "is stored in place of the embedding that it is tied to, as save_model of safetensors does"))
    }
    let layers = recognised.variant.sharedLayers
    if layers.count > 1, recognised.family.hasPrefix("zamba"), repeatsSharedBlock {
      findings.append(
        Finding(
          .tie, .note, recognised.configuration ?? recognised.layout,
          "has a shared block that is stored under \(counted(layers.count, "layer")) (\(layers.map(String.init).joined(separator: ", "))): all copies should have the same values, which are not read here"
        ))
    }
  }

  /// Whether some parameter of a shared block is filled from several tensors.
  private var repeatsSharedBlock: Bool {
    let marks = [".shared_transf.input_layernorm.weight", ".shared_transformer.input_layernorm.weight"]
    let copies = tensors.count { tensor in marks.contains { tensor.name.hasSuffix($0) } }
    return copies > (recognised.architecture.sharedBlock == nil ? 1 : sharedBlocks)
  }

  private var sharedBlocks: Int { recognised.architecture.sharedBlock?.count ?? 1 }
}
