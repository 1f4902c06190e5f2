import ArgumentParser
import HymbaConversion
import HymbaFormat
import HymbaInspection
import HymbaModel
import HymbaTerminal

/// The options of a listing that read the values of the parameters.
struct ValueOptions: ParsableArguments {
  @Flag(help: "Show statistics of the values, also of the logical parts: reads all listed bytes.")
  var stats = false

  @Option(
    help: ArgumentHelp(
      "Draw the distribution of one parameter, or of those that a tensor of the file becomes.",
      valueName: "name"))
  var histogram: String?

  @Flag(help: "Show the SHA-256 of each parameter's logical bytes: reads all listed bytes.")
  var digests = false

  var areAsked: Bool { stats || digests || histogram != nil }

  /// What is asked for, for a message.
  var first: String { stats ? "statistics" : digests ? "digests" : "histogram" }

  /// What is asked for of parameters, by their names. They are read only where something is.
  /// - Throws: What reading them throws, with the path in front.
  func results(
    of names: [String], in checkpoint: ListedCheckpoint, jobs: Int, quiet: Bool
  ) throws -> [String: ParameterPass.Result] {
    guard areAsked else { return [:] }
    let (model, account) = (checkpoint.model, checkpoint.account)
    let tensors = names.compactMap { model.parameters.tensors[$0] }
    let bar = ProgressBar("reading", total: tensors.reduce(0) { $0 + $1.byteCount }, quiet: quiet)
    defer { bar.finish() }
    let pass = ParameterPass(
      makesStatistics: stats || histogram != nil, makesDigests: digests)
    return try naming(model.location) {
      try pass.results(
        of: tensors, in: model.parameters, jobs: jobs,
        parts: { tensor in
          if let account { return account.parts(of: tensor) }
          guard let architecture = model.architecture,
            let parameter = model.inventory?[tensor.name]
          else { return [] }
          return TensorPart.parts(of: parameter, in: architecture)
        },
        plan: { tensor in
          guard let architecture = model.architecture,
            let parameter = model.inventory?[tensor.name]
          else { return nil }
          return FigurePlan(parameter, in: architecture)
        },
        progress: { bar.advance(by: $0) })
    }
  }
}

/// The parameters whose distribution is asked for by a name.
struct HistogramChoice {
  let names: [String]

  /// - Parameter name: The name of a parameter, or of a tensor of the checkpoint that parameters are made of.
  /// - Throws: ``NoSuchParameter``.
  init(_ name: String, in model: OpenedModel) throws(NoSuchParameter) {
    if model.parameters.tensors[name] != nil {
      names = [name]
      return
    }
    let made = model.mapping.filter { $0.from.contains(name) }.flatMap(\.to)
    guard !made.isEmpty else {
      let known = model.parameters.tensors.map(\.name) + model.mapping.flatMap(\.from)
      throw NoSuchParameter(name: name, nearest: name.nearest(among: known))
    }
    names = made
  }
}

/// The error for a name that no parameter has.
struct NoSuchParameter: Diagnosis {
  let name: String
  let nearest: String?

  var kind: FailureKind { .usage }

  var description: String {
    "there is no parameter “\(name.printable)”"
      + (nearest.map { "; did you mean “\($0.printable)”?" } ?? "")
  }
}
