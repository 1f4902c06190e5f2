package import HymbaConversion
package import HymbaFormat
import HymbaModel

/// A reference that will be kept in a container, with the input and whatever a verification reads of it.
package struct ReferenceKeeping: Sendable {
  /// The names of the captures that are kept, or whose statistics are.
  package private(set) var captures: [String] = []
  /// The names of the tensors that are not kept, sorted.
  package private(set) var notKept: [String] = []
  private let reference: Reference
  private let architecture: Architecture
  private let input: InputBatch

  /// Checks a reference against the model that it is kept with. Nothing is read but the input.
  ///
  /// - Parameter path: A file as ``Reference/init(_:_:names:)`` opens it.
  /// - Throws: `FileDiagnosis` with the path: ``VerificationError`` for a file without an input or captures, and for a
  ///   capture of another model; ``ModelError`` for an input or other tensors that do not fit; the errors of opening
  ///   the file. ``ConversionError/architectureNeeded(_:)`` for a checkpoint that was kept verbatim.
  package init(_ path: String, for model: OpenedModel, jobs: Int) throws {
    let (architecture, _) = try model.requireArchitecture(for: "keeping a reference")
    let reference = try Reference(path)
    guard let input = try reference.input(for: architecture) else {
      throw FileDiagnosis(reference.location, VerificationError.noInput(Self.inputName(architecture)))
    }
    self.reference = reference
    self.architecture = architecture
    self.input = input
    try naming(reference.location) {
      try ForwardPass(architecture, parameters: model.parameters, jobs: jobs).check(input)
      for name in reference.namesBeside([]) {
        if try isKept(name) { captures.append(name) } else { notKept.append(name) }
      }
    }
    let others = try Self.others(reference, architecture, input)
    notKept += Reference.other.filter { reference.shape(of: $0) != nil && !others.contains($0) }
    notKept.sort { $0.utf8Precedes($1) }
    if captures.isEmpty, !others.contains("labels") {
      try reference.requireCaptures(layers: architecture.layers.count)
      throw FileDiagnosis(
        reference.location, VerificationError.otherCaptures(notKept.first ?? ""))
    }
  }

  /// Adds the reference to what a container keeps.
  ///
  /// - Parameter asStatistics: Whether statistics of the captures are kept in place of their values.
  /// - Throws: ``VerificationError/notFinite(_:)`` for a capture or an input with NaN or infinite values, and the errors
  ///   of reading them.
  /// - Complexity: Reads each capture once, and twice for statistics, in windows.
  package func add(to attachments: inout Attachments, asStatistics: Bool, jobs: Int) throws {
    let others = try Self.others(reference, architecture, input)
    for name in others + (asStatistics ? [] : captures) {
      try requireFinite(name, jobs: jobs)
      try reference.add(name, to: &attachments)
    }
    if asStatistics {
      var statistics: [String: JSONValue] = [:]
      for name in captures { statistics[name] = try self.statistics(of: name, jobs: jobs).json }
      try attachments.add(
        .probe(Reference.statisticsName), bytes: JSONValue.object(statistics).text)
    }
    try attachments.add(.probe(Reference.recordName), bytes: reference.record.json.text)
  }

  private static func inputName(_ architecture: Architecture) -> String {
    if case .tokens = architecture.input { "input_ids" } else { "input" }
  }

  /// Whether a tensor is a capture that this model makes.
  ///
  /// - Throws: ``VerificationError/otherShape(_:found:expected:)``, ``VerificationError/noSuchLayer(_:layers:)``,
  ///   ``VerificationError/captureType(_:_:)``.
  private func isKept(_ name: String) throws -> Bool {
    guard let capture = Capture(name: name) else { return false }
    switch reference.misfit(name, capture, of: architecture, on: input) {
    case .otherCaptures: return false
    case let misfit?: throw misfit
    case nil: break
    }
    guard let type = reference.type(of: name), type.isFloatingPoint else {
      throw VerificationError.captureType(name)
    }
    return true
  }

  /// The tensors beside the captures that a verification of this model reads.
  private static func others(
    _ reference: Reference, _ architecture: Architecture, _ input: InputBatch
  ) throws -> [String] {
    var names = [inputName(architecture)]
    if architecture.output == .lastHiddenState,
      try Classifier(reference, batch: input.batch, hidden: architecture.hiddenSize) != nil
    {
      names += ["labels", "head.weight", "head.bias"]
    }
    if architecture.output.isLogits, try reference.targetMask(of: input) != nil {
      names.append("target_mask")
    }
    return names
  }

  /// Makes sure that a verification can compare with a tensor: every floating-point number of it is finite.
  private func requireFinite(_ name: String, jobs: Int) throws {
    guard reference.type(of: name)?.isFloatingPoint == true else { return }
    var isFinite = true
    try reference.forEachFloats(of: name, jobs: jobs) { values in
      isFinite = isFinite && values.allSatisfy(\.isFinite)
    }
    guard isFinite else { throw FileDiagnosis(reference.location, VerificationError.notFinite(name)) }
  }

  private func statistics(of name: String, jobs: Int) throws -> CaptureStatistics {
    guard let capture = Capture(name: name), let found = reference.shape(of: name),
      let expected = architecture.dimensions(of: capture, batch: input.batch, length: input.length),
      case let shape = Reference.dimensions(found, beside: expected),
      let statistics = try CaptureStatistics(shape: shape, forEachPart: { body in
        try reference.forEachFloats(of: name, jobs: jobs, body)
      })
    else { throw FileDiagnosis(reference.location, VerificationError.notFinite(name)) }
    return statistics
  }
}
