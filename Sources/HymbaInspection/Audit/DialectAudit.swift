import HymbaConversion
import HymbaFormat
import HymbaModel

/// Options of a `config.json` that other programs read in another way, or not at all.
///
/// What is said of versions 4.57 and 5 of transformers was seen in 4.57.6 and 5.24.0, and what is said of
/// llama.cpp in its converter.
struct DialectAudit {
  private(set) var findings: [Finding] = []

  private let configuration: AuditedConfiguration
  private let family: String
  private let architecture: Architecture

  init(_ configuration: AuditedConfiguration, _ recognised: RecognitionAccount) {
    self.configuration = configuration
    self.family = recognised.family
    self.architecture = recognised.architecture
    if !configuration.isStrict {
      add(
        "is JSON as Python writes it, with a bare Infinity or NaN or a key given twice, which strict readers of JSON refuse"
      )
    }
    addLayerNames()
    addRotaryBase(classDefault: recognised.classDefault("rope_theta"))
    addTimeStepLimit()
    addGroups()
    addNemotron()
    if family == "zamba2", configuration.flag("use_long_context") == true,
      configuration.flag("use_mem_rope") == true
    {
      add("has use_long_context, which transformers 5 ignores in the base of the rotary embedding")
    }
  }

  private mutating func add(_ message: String) {
    findings.append(Finding(.dialect, .note, configuration.origin, message))
  }

  private static let newNames = ["linear_attention", "full_attention"]

  private mutating func addLayerNames() {
    for key in ["layer_types", "layers_block_type"] {
      let names = Self.newNames.filter(configuration.texts(key).contains)
      guard !names.isEmpty else { continue }
      let quoted = names.map { "“\($0)”" }.joined(separator: " and ")
      let readers =
        switch family {
        case "granite-hybrid":
          "version 4.57 refuses them, and llama.cpp's converter takes all such layers for Mamba"
        case "nemotron-h":
          "version 4.57 has no class for this model, and NVIDIA's own file reads hybrid_override_pattern\(configuration["hybrid_override_pattern"] == nil ? ", which is absent" : "")"
        default: "version 4.57 refuses them"
        }
      add("has layers named \(quoted) in \(key), as transformers 5 writes them: \(readers)")
    }
  }

  /// Version 4 has the base of the rotary embedding in `rope_theta` alone.
  private mutating func addRotaryBase(classDefault: Double?) {
    guard configuration["rope_parameters"] != nil, let classDefault,
      let base = architecture.rotaryBase
    else { return }
    let taken = configuration.number("rope_theta") ?? classDefault
    guard taken != base else { return }
    add(
      "has the base of the rotary embedding, \(base.plainText), in rope_parameters, which transformers 4.57 does not read: it takes \(taken.plainText) without a word"
    )
  }

  private mutating func addTimeStepLimit() {
    guard let limits = architecture.timeStepLimits else { return }
    let range = "[\(limits.lower.plainText), \(limits.upper?.plainText ?? "Infinity")]"
    let readers =
      switch family {
      case "falcon-h1", "bamba", "granite-hybrid": "transformers 4.57 ignores it"
      case "zamba2":
        "transformers clamps at time_step_min in its place (4.57 on the CPU, 5 everywhere)"
      case "nemotron-h": "transformers 5 clamps at time_step_min in its place"
      default: ""
      }
    let gguf = "a GGUF of llama.cpp has no place for it"
    add("limits the time step to \(range): \(readers.isEmpty ? gguf : readers + ", and " + gguf)")
  }

  private mutating func addGroups() {
    guard ["bamba", "granite-hybrid"].contains(family),
      let groups = architecture.mamba2?.groups, groups > 1
    else { return }
    add(
      "has \(groups) groups of Mamba-2, and transformers 4.57 takes the gated norm over all channels at once: its results differ"
    )
  }

  private mutating func addNemotron() {
    guard family == "nemotron-h" else { return }
    if architecture.output == .tiedLogits {
      add("ties the head to the embedding, which transformers 5 never does for this model")
    }
    if configuration.flag("attention_bias") == true {
      add("has attention_bias, and transformers 5 has no biases in this model's attention")
    }
  }
}

extension Architecture {
  /// The Mamba-2 of the first layer that has one; nil where no layer has one.
  fileprivate var mamba2: Mamba2? { layers.lazy.compactMap(\.mamba2).first }

  fileprivate var timeStepLimits: Mamba2.TimeStepLimits? { mamba2?.timeStepLimits }

  /// The base of the rotary embedding of the first attention that has one; nil where none has.
  fileprivate var rotaryBase: Double? {
    (layers.lazy.compactMap(\.attention).first ?? sharedBlock?.attention)?.rotary?.base
  }
}

extension Double {
  /// The number without a fraction of zero: `10000`, `0.03`, `1e+11`.
  fileprivate var plainText: String {
    let text = "\(self)"
    return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
  }
}
