package import HymbaConversion
import HymbaFormat
package import HymbaModel

/// Two checkpoints that are compared, with their tensors paired by name.
package struct CheckpointPair: Sendable {
  /// The names by which tensors are paired.
  package enum Names: String, Sendable, Encodable {
    /// The names and shapes of our parameters, whatever the layouts of the files are.
    case parameters
    /// The names and shapes in the files.
    case own
  }

  /// One of the two checkpoints.
  package struct Side: Sendable {
    package let location: String
    let source: any CheckpointSource
    /// The name of its layout; nil where the checkpoint is taken as it is.
    package let layout: String?
    /// The numbers that quantised elements could have been; nil for a checkpoint of another format than GGUF.
    var levels: StoredLevels?
    /// Whether the checkpoint is a GGUF file, or was made of one.
    var isFromGGUF = false
  }

  package private(set) var a: Side
  package private(set) var b: Side
  package let names: Names
  /// The architecture of the models, of the first where they differ; nil where it is not known.
  package let architecture: Architecture?
  /// The number of layers of the other model, where both are known.
  let otherLayers: Int?
  /// What the user should know about the pairing: a sentence for each checkpoint that is no complete model, and one
  /// where the models themselves differ.
  package let remarks: [(location: String, sentence: String)]
  /// The models that were recognised, whose warnings the user should see.
  package let models: [OpenedModel]
  /// What llama.cpp's converter computes of the parameters; nil where neither model was stored in a GGUF file.
  let conversion: ConvertedValues?
  /// The parameters behind tensors that are paired by the names in the files.
  private let parameterNames: [String: String]
  private let logicalParts: [String: LogicalParts]

  /// Opens two checkpoints. No tensor data is read.
  ///
  /// Tensors are paired as our parameters where both checkpoints are of known families; of one that is no
  /// complete model, those that fit. Otherwise, and where a broken one has the names of the other, they are paired by
  /// the names in the files.
  ///
  /// - Parameters:
  ///   - names: The names by which tensors are paired; nil for parameters where that is possible.
  ///   - configuration: The path of a configuration for what a checkpoint alone leaves to be assumed; nil for none.
  ///   - base: The path of the base of a container that is relative to one; nil to look for it beside the container.
  /// - Throws: `FileDiagnosis` with the path of a checkpoint that cannot be read.
  package static func open(
    _ a: String, _ b: String, names: Names? = nil, settlingBy configuration: String? = nil, base: String? = nil
  ) throws -> CheckpointPair {
    let inputs = try ModelInput.relative([a, b].map { ModelInput(paths: [$0]) }, to: base)
    let opened = inputs.map { input in Result { try OpenedModel.open(input, settlingBy: configuration) } }
    let models = opened.compactMap { try? $0.get() }
    if names != .own, let pair = fitting(inputs, opened, configuration) { return pair }
    let sides = try zip(inputs, opened).map { input, opened in
      Side(
        location: input.paths[0], source: try input.open(), layout: try? opened.get().layout.name)
    }
    let remarks = zip(inputs, opened).compactMap { input, opened in
      reason(opened).map { (location: input.paths[0], sentence: $0) }
    }
    return CheckpointPair(sides, .own, models, remarks, models.compactMap(\.architecture))
  }

  /// The pair by our parameters; nil where one of the checkpoints is of no known family.
  private static func fitting(
    _ inputs: [ModelInput], _ opened: [Result<OpenedModel, any Error>],
    _ configuration: String?
  ) -> CheckpointPair? {
    var sides: [Side] = []
    var remarks: [(location: String, sentence: String)] = []
    var architectures: [Architecture] = []
    for (input, opened) in zip(inputs, opened) {
      switch opened {
      case .success(let model):
        guard let architecture = model.architecture else { return nil }
        architectures.append(architecture)
        sides.append(
          Side(
            location: model.location, source: model.parameters, layout: model.layout.name,
            levels: try? StoredLevels(input, settlingBy: configuration),
            isFromGGUF: ConvertedValues.isOf(layout: model.layout.name)))
      case .failure(let error):
        guard let rest = try? FittingParameters(input, OpeningOptions()) else { return nil }
        architectures.append(rest.architecture)
        sides.append(
          Side(
            location: rest.location, source: rest.parameters, layout: rest.layout,
            isFromGGUF: ConvertedValues.isOf(layout: rest.layout)))
        remarks.append(
          (rest.location, "compared as far as its tensors fit a model: \(sentence(error))"))
      }
    }
    guard remarks.isEmpty || !haveCommonNames(inputs) else { return nil }
    let differences = architectures[0].differencesInWords(from: architectures[1])
    if !differences.isEmpty {
      remarks.append(
        (
          sides[1].location,
          "its model is another, and the values behind each option are those of A and B: \(differences.prefix(8).joined(separator: "; "))"
        ))
    }
    return CheckpointPair(
      sides, .parameters, opened.compactMap { try? $0.get() }, remarks, architectures)
  }

  /// Whether most tensors have the same names in both files. Those hide nothing of the files, as our names do.
  private static func haveCommonNames(_ inputs: [ModelInput]) -> Bool {
    guard let tensors = try? inputs.map({ try $0.open().tensors }) else { return false }
    return 2 * tensors[0].count(where: { tensors[1][$0.name] != nil }) > tensors[0].count
  }

  private static func sentence(_ error: any Error) -> String {
    (error as? FileDiagnosis)?.cause.description ?? "\(error)"
  }

  /// Why a checkpoint cannot be compared as our parameters; nil where it can.
  private static func reason(_ opened: Result<OpenedModel, any Error>) -> String? {
    switch opened {
    case .success(let model):
      model.architecture == nil ? "compared by the names in the files, as it has no architecture" : nil
    case .failure(let error):
      "compared by the names in the files, as it is no complete model of a known family: \(sentence(error))"
    }
  }

  private init(
    _ sides: [Side], _ names: Names, _ models: [OpenedModel],
    _ remarks: [(location: String, sentence: String)], _ known: [Architecture]
  ) {
    self.a = sides[0]
    self.b = sides[1]
    self.names = names
    self.models = models
    self.remarks = remarks
    self.architecture = known.first
    self.otherLayers = known.count == 2 ? known[1].layers.count : nil
    self.conversion = names == .parameters ? Self.conversion(sides, known) : nil
    self.logicalParts = known.first.map(LogicalParts.all) ?? [:]
    var parameterNames: [String: String] = [:]
    if names == .own, let model = models.first(where: { $0.architecture != nil }) {
      for mapping in model.mapping where mapping.from.count == 1 && mapping.to.count == 1 {
        parameterNames[mapping.from[0]] = mapping.to[0]
      }
    }
    self.parameterNames = parameterNames
  }

  /// The pair with another checkpoint in place of the first or the second.
  func replacing(_ side: Side, isFirst: Bool) -> CheckpointPair {
    var pair = self
    if isFirst { pair.a = side } else { pair.b = side }
    return pair
  }

  /// What the converter computes of the model that has multipliers.
  private static func conversion(_ sides: [Side], _ known: [Architecture]) -> ConvertedValues? {
    guard let layout = sides.first(where: \.isFromGGUF)?.layout else { return nil }
    let made = known.compactMap { ConvertedValues(layout: layout, $0) }
    return made.first(where: \.multiplies) ?? made.first
  }

  /// The name of our parameter behind a tensor.
  func parameter(_ name: String) -> String { parameterNames[name] ?? name }

  /// The parts of a tensor; nil where none are known that fit its rows.
  func parts(of tensor: TensorDescriptor) -> LogicalParts? {
    guard let parts = logicalParts[parameter(tensor.name)] else { return nil }
    let rows = tensor.shape.dimensions.first ?? 1
    return parts.rows.map { $0 == rows } ?? true ? parts : nil
  }

  /// The tensors of both sides, those of the first in its order, then those that only the second has.
  ///
  /// What one side keeps beside a parameter that is computed of it is compared as that parameter.
  var tensors: [TensorPair] {
    let kept = Set((conversion?.kept ?? [:]).values)
    let ours = a.source.tensors.map { TensorPair(name: $0.name, a: $0, b: b.source.tensors[$0.name]) }
    let added = b.source.tensors.filter { a.source.tensors[$0.name] == nil }
    return (ours + added.map { TensorPair(name: $0.name, a: nil, b: $0) }).filter {
      $0.a != nil && $0.b != nil || !kept.contains($0.name)
    }
  }

  /// The type in which the first or the second checkpoint stores a tensor that it gives as another; nil for others.
  func storedType(_ tensor: TensorDescriptor?, isFirst: Bool) -> String? {
    tensor.flatMap { (isFirst ? a : b).source.storedType(of: $0) }
  }

  /// The bytes of the first checkpoint's tensors, as many as ``CheckpointDifference`` reports while it compares.
  package var bytes: Int { a.source.tensors.totalBytes }
}

/// The tensors of one name.
struct TensorPair: Sendable {
  let name: String
  let a: TensorDescriptor?
  let b: TensorDescriptor?
}
