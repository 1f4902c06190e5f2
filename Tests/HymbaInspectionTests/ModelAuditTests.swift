import HymbaConversion
import HymbaFormat
import HymbaInspection
import TestSupport
import Testing

@Suite("Audits of tensors against their configuration")
struct ModelAuditTests {
  private static let file = "model.safetensors"
  private static let configuration = "config.json"

  @Test("shapes that the configuration does not ask for, equal ones as one finding")
  func shapes() throws {
    let folder = try AuditedFolder("bamba-tiny")
    try folder.replace(Self.configuration, "\"mamba_d_conv\": 4", "\"mamba_d_conv\": 3")
    let found = try folder.findings()
    #expect(found.count == 1 && found[0].kind == .shape && found[0].severity == .error)
    #expect(found[0].subject == "model.layers.{0,2,3,5}.mamba.conv1d.weight")
    #expect(found[0].message.hasSuffix(", 3], which config.json asks for"))
    #expect(found[0].message.contains(", 4] instead of ["))
  }

  @Test("a tensor of another shape than all others")
  func oneShape() throws {
    let folder = try AuditedFolder("bamba-tiny")
    try folder.rewrite(Self.file) { entries in
      entries = entries.map {
        $0.name == "model.layers.2.mamba.out_proj.weight"
          ? .init($0.name, $0.type, $0.dimensions.reversed(), $0.bytes) : $0
      }
    }
    let found = try folder.findings()
    #expect(found.map(\.subject) == ["model.layers.2.mamba.out_proj.weight"])
    #expect(found.map(\.kind) == [.shape])
  }

  @Test(
    "an absent tensor is named, also where its name marks the layout",
    arguments: ["model.layers.2.mamba.dt_bias", "model.final_layernorm.weight", "model.layers.0.pre_ff_layernorm.weight"])
  func missing(_ name: String) throws {
    let folder = try AuditedFolder("bamba-tiny")
    try folder.rewrite(Self.file) { $0.removeAll { $0.name == name } }
    #expect(
      try folder.findings() == [
        Finding(.parameterMissing, .error, name, "is absent, and the model needs it")
      ])
  }

  @Test("a tensor that the model has no place for")
  func leftover() throws {
    let folder = try AuditedFolder("bamba-tiny")
    try folder.rewrite(Self.file) {
      $0.append($0[0].named("model.layers.1.self_attn.q_norm.weight"))
      $0.append($0[0].named("model.layers.4.self_attn.q_norm.weight"))
    }
    let found = try folder.findings()
    #expect(found.map(\.kind) == [.leftover])
    #expect(found[0].subject == "model.layers.{1,4}.self_attn.q_norm.weight")
    #expect(found[0].message.hasPrefix("are 2 tensors that are each no part of the model"))
  }

  @Test("a misspelt tensor is one that lacks and one that is left over")
  func misspelt() throws {
    let folder = try AuditedFolder("bamba-tiny")
    try folder.rewrite(Self.file) { entries in
      entries = entries.map {
        $0.name == "model.layers.2.mamba.D" ? $0.named("model.layers.2.mamba.d") : $0
      }
    }
    #expect(
      try folder.findings().map { "\($0.kind) \($0.subject)" } == [
        "parameterMissing model.layers.2.mamba.D", "leftover model.layers.2.mamba.d",
      ])
  }

  @Test("a configuration of other kinds of layers")
  func layers() throws {
    let folder = try AuditedFolder("granite-hybrid-tiny")
    let text = String(decoding: try folder.folder.read(Self.configuration), as: UTF8.self)
    let start = try #require(text.firstRange(of: "\"mamba\"")?.lowerBound)
    let changed = text[..<start] + "\"attention\"" + text[start...].dropFirst("\"mamba\"".count)
    try folder.folder.remove(Self.configuration)
    try folder.folder.write(String(changed), to: Self.configuration)
    let found = try folder.findings()
    #expect(found.map(\.kind) == [.layers] && found[0].subject == Self.configuration)
    #expect(found[0].message.contains("layer 0 should be attention"))
  }

  @Test("a configuration of another family, one with an impossible value, and one that is no JSON")
  func configurations() throws {
    let folder = try AuditedFolder("bamba-tiny")
    try folder.folder.remove(Self.configuration)
    try folder.folder.link(Self.configuration, to: Fixture.path("falcon-h1-tiny", Self.configuration))
    let other = try folder.findings()
    #expect(other.map(\.kind) == [.configuration] && other[0].message.contains("hf-bamba"))

    let odd = try AuditedFolder("bamba-tiny")
    try odd.replace(Self.configuration, "\"mamba_n_heads\": ", "\"mamba_n_heads\": 1000000")
    #expect(try odd.findings().map(\.kind) == [.configuration])

    let broken = try AuditedFolder("bamba-tiny")
    try broken.change(Self.configuration) { $0.removeLast(3) }
    let found = try broken.findings()
    #expect(Set(found.map(\.kind)) == [.configuration] && found.count == 1)
  }

  @Test("no configuration is a warning where the family needs one")
  func noConfiguration() throws {
    let folder = try AuditedFolder("bamba-tiny")
    try folder.folder.remove(Self.configuration)
    let found = try folder.findings()
    #expect(found.map(\.kind) == [.configurationMissing] && found[0].severity == .warning)
    // Edifice's options follow from the shapes, but for those that are assumed.
    let edifice = try AuditedFolder("edifice-hymba-tiny")
    try edifice.folder.remove("build_opts.json")
    #expect(try edifice.findings() == [])
    #expect(try !edifice.notes(.assumption).isEmpty)
  }

  // MARK: Ties

  @Test("a tied head that is stored is a note, and one in place of the embedding a warning")
  func tied() throws {
    let copied = try AuditedFolder("hymba-nvidia-tiny")
    try copied.rewrite(Self.file) { entries in
      let embedding = entries.first { $0.name == "model.embed_tokens.weight" }
      entries += [embedding].compactMap { $0?.named("lm_head.weight") }
    }
    #expect(try copied.findings() == [])
    #expect(try copied.notes(.tie).map(\.subject) == ["lm_head.weight"])
    let moved = try AuditedFolder("hymba-nvidia-tiny")
    try moved.rewrite(Self.file) { entries in
      entries = entries.map {
        $0.name == "model.embed_tokens.weight" ? $0.named("lm_head.weight") : $0
      }
    }
    #expect(try moved.findings().map(\.kind) == [.tie])
    #expect(try AuditedFolder("hymba-nvidia-tiny").notes(.tie) == [])
  }

  @Test("a head that the configuration does not tie and that is absent")
  func untied() throws {
    let folder = try AuditedFolder("bamba-tiny")
    try folder.rewrite(Self.file) { $0.removeAll { $0.name == "lm_head.weight" } }
    #expect(
      try folder.findings() == [
        Finding(
          .tie, .error, "lm_head.weight",
          "is absent, and config.json says tie_word_embeddings false, so that the model has a head of its own"
        )
      ])
    try folder.replace(Self.configuration, "\"tie_word_embeddings\": false", "\"x_\": false")
    #expect(
      try folder.findings().map(\.message) == [
        "is absent, and config.json leaves out tie_word_embeddings, which its class takes as false, so that the model has a head of its own"
      ])
  }

  @Test("a shared block under several layers is a note, and one stored once is none")
  func shared() throws {
    #expect(try AuditedFolder("zamba2-options").notes(.tie).count == 1)
    #expect(try AuditedFolder("zamba2-tiny").notes(.tie) == [])
    #expect(try AuditedFolder("zamba-tiny").notes(.tie) == [])
  }

  @Test("tensors that no implementation uses are a note")
  func carried() throws {
    let notes = try AuditedFolder("nemotron-h-options").notes(.carried)
    #expect(!notes.isEmpty && notes.allSatisfy { $0.subject.hasPrefix("mtp.") })
  }

  @Test("tokenizer and generation_config.json are missed where tokens go in, and not where they lie")
  func companions() throws {
    let folder = try AuditedFolder("jamba-24-layers")
    #expect(try folder.notes(.tokenizerMissing).count == 1)
    #expect(try folder.notes(.generationMissing).count == 1)
    try folder.folder.write("{}", to: "tokenizer.json")
    try folder.folder.write("{}", to: "generation_config.json")
    #expect(try folder.notes(.tokenizerMissing) == [] && folder.notes(.generationMissing) == [])
    #expect(try AuditedFolder("edifice-hymba-tiny").notes(.tokenizerMissing) == [])
  }

  @Test("a tokenizer that cannot be read, of a kind that is not read, or of another model is told of")
  func tokenizer() throws {
    for (text, severity, message) in [
      ("{}", .warning, "cannot be read: its model is not there"),
      (
        #"{"model":{"type":"Unigram","vocab":[]}}"#, .note,
        "is of a kind that is not read here: its model is of the kind Unigram, which is not known here"
      ),
      (
        #"{"model":{"type":"BPE","vocab":{"a":0,"b":37},"merges":[]}}"#, .warning,
        "has ids up to 37, and the model a vocabulary of 37: it is another model's"
      ),
    ] as [(String, Finding.Severity, String)] {
      let folder = try AuditedFolder("jamba-24-layers")
      try folder.folder.write(text, to: "tokenizer.json")
      let found = try CheckpointAudit(folder.path).findings.filter { $0.kind == .tokenizer }
      #expect(found == [Finding(.tokenizer, severity, "tokenizer.json", message)])
    }
  }
}
