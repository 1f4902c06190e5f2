package import HymbaConversion
package import HymbaFormat
import HymbaModel

/// A record that says what was verified, how, and against what. It speaks of a model by its fingerprint and its
/// architecture, so that it can be checked whether a model is the one that it speaks of.
///
/// The schema of its JSON form is `Schemas/card.schema.json`.
package struct VerificationCard: Sendable, Encodable {
  /// The version of the form.
  let card = CardClaim.version
  /// When the verification ended, in ISO 8601 and UTC.
  let date: String
  let passed: Bool
  let model: Model
  /// Null where the model was not run.
  @OrNull var input: InputDescription?
  /// Null where nothing was compared with a reference.
  @OrNull var reference: ReferenceIdentity?
  let checks: [Check]
  /// The comparison of each capture of the reference, in the order of computation.
  let captures: [CaptureComparison]
  let tool: Tool
  let machine: Machine

  struct Model: Sendable, Encodable {
    /// The name of the checkpoint's file or folder, without the folders around it.
    let source: String
    let layout: String
    /// The fingerprint of the tensors that were read; null where one was damaged, so that not all were read.
    @OrNull var fingerprint: String?
    let tensors: Int
    let elements: Int
    let bytes: Int
    let architecture: JSONValue
    /// What no file said and was assumed.
    let assumptions: [String]
  }

  /// The program that verified.
  package struct Tool: Sendable, Encodable {
    package var name: String
    package var version: String
    /// The revision of the program's source; null where it is not known.
    @OrNull package var commit: String?

    package init(name: String, version: String, commit: String?) {
      self.name = name
      self.version = version
      self.commit = commit
    }
  }

  /// The machine on which the model was run.
  package struct Machine: Sendable, Encodable {
    /// The operating system and its processor architecture, like `Linux x86_64`.
    package var system: String
    /// The processor's own name; null where the system does not tell.
    @OrNull package var processor: String?
    package var cores: Int
    /// The number of threads that were used.
    package var jobs: Int

    package init(system: String, processor: String?, cores: Int, jobs: Int) {
      self.system = system
      self.processor = processor
      self.cores = cores
      self.jobs = jobs
    }
  }

  /// - Parameters:
  ///   - report: The report of the verification, with the model's fingerprint.
  ///   - reference: The identity of the reference; nil where there was none.
  ///   - date: The time in ISO 8601.
  /// - Throws: `FileDiagnosis` with ``ConversionError/architectureNeeded(_:)`` for a model that cannot be run.
  package init(
    _ report: VerificationReport, of model: OpenedModel, reference: ReferenceIdentity?, by tool: Tool,
    on machine: Machine, at date: String
  ) throws {
    let (architecture, _) = try model.requireArchitecture(for: "a card")
    let tensors = model.parameters.tensors
    self.date = date
    self.passed = report.passed
    self.model = Model(
      source: FileSystem.name(of: report.source), layout: report.layout, fingerprint: report.fingerprint.map { "\($0)" },
      tensors: tensors.count, elements: tensors.totalElements, bytes: tensors.totalBytes,
      architecture: try JSONValue(parsing: architecture.json), assumptions: report.assumptions)
    self.input = report.input
    self.reference = reference
    self.checks = report.checks
    self.captures = report.comparison
    self.tool = tool
    self.machine = machine
  }
}

/// What identifies the reference of a verification.
package struct ReferenceIdentity: Sendable, Encodable {
  /// The file's name, without its folder.
  let name: String
  /// The fingerprint of its tensors, computed as that of a model.
  let fingerprint: String
  let tensors: Int
  /// What the file says of its making, such as the framework.
  let metadata: [String: String]
}

extension Reference {
  /// - Throws: ``FormatError/invalidName(_:_:)`` for a name with control characters, and the errors of reading.
  /// - Complexity: Reads every tensor of the reference.
  package func identity(jobs: Int) throws -> ReferenceIdentity {
    try naming(location) {
      ReferenceIdentity(
        name: name, fingerprint: "\(try Fingerprint.compute(of: source, jobs: jobs))",
        tensors: source.tensors.count,
        metadata: Dictionary(source.metadata.map { ($0.key, $0.value) }) { first, _ in first })
    }
  }
}
