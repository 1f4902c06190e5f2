/// Writes a model in parts into a folder. A part that is there and right is kept, so that a conversion goes on where it
/// was broken off, and processes can share it out.
///
/// Each part appears complete or not at all. Two processes that write the same part write the same bytes, and the
/// second keeps what the first one wrote.
package struct PartsWriter: Sendable {
  package let plan: PartPlan
  package let folder: String
  private let writer: ContainerWriter

  /// What happened to a part.
  package enum Outcome: Sendable { case written, kept }

  /// - Parameters:
  ///   - writer: Writes the parts. It is the one that the plan was made for.
  ///   - folder: The folder, which is there.
  package init(_ plan: PartPlan, with writer: ContainerWriter, into folder: String) {
    self.plan = plan
    self.writer = writer
    self.folder = folder
  }

  package func name(_ number: Int) -> String { plan.part(number).name.text }
  package func path(_ number: Int) -> String { FileSystem.path(folder, name(number)) }

  /// Makes sure that the folder has no parts but those of this plan. Reads headers alone.
  /// - Parameter numbers: The parts that are to be written. Those may be others if they are to be replaced.
  /// - Throws: `FileDiagnosis` with the path of a part, and with ``FormatError/partDisagrees(_:)`` for one of another
  ///   division, ``FormatError/partInTheWay(_:)``, or ``FormatError/partUnfit(_:number:)`` for one beside those.
  package func requirePlace(for numbers: ClosedRange<Int>) throws {
    try ContainerSource.requireNoOthers(in: folder, than: plan.count)
    for name in try PartName.all(in: folder) where !(writer.replace && numbers.contains(name.number)) {
      _ = numbers.contains(name.number) ? try open(name.number) : try openBeside(name.number)
    }
  }

  /// Opens a part that is there.
  /// - Throws: `FileDiagnosis` with the path, and with ``FormatError/partInTheWay(_:)`` for a file that is none of
  ///   this plan.
  private func open(_ number: Int) throws -> ContainerFile {
    try naming(path(number)) { () throws(FormatError) in
      do throws(FormatError) {
        let file = try ContainerFile(path(number))
        try file.requirePart(number, of: plan.count, plan: plan.digest)
        return file
      } catch {
        switch error {
        case .partDisagrees(let why): throw .partInTheWay(why)
        case _ where error.kind == .unreadable: throw .partInTheWay("\(error)")
        default: throw error
        }
      }
    }
  }

  /// Opens a part that is there, and that is not to be written.
  /// - Throws: `FileDiagnosis` with the path, and with ``FormatError/partUnfit(_:number:)`` for a file that is none of
  ///   this plan.
  private func openBeside(_ number: Int) throws -> ContainerFile {
    do {
      return try open(number)
    } catch let error as FileDiagnosis {
      guard case FormatError.partInTheWay(let why)? = error.cause as? FormatError else { throw error }
      throw FileDiagnosis(error.location, FormatError.partUnfit(why, number: number))
    }
  }

  /// Writes one part, unless it is there and right.
  ///
  /// - Parameters:
  ///   - number: The number of the part, counted from 1.
  ///   - source: The whole model. Only the tensors of the part are read.
  ///   - attachments: What the model keeps beside its tensors. The first part takes it.
  ///   - progress: Called with the number of logical bytes that were written or compared since the last call.
  ///   - conclude: Called when the tensors of the part are written, as by `ContainerWriter`.
  /// - Throws: `FileDiagnosis` with the path of the part, and with ``FormatError/partInTheWay(_:)`` for a file that
  ///   has its name and is not this part, or the errors of `ContainerWriter`.
  /// - Complexity: Reads the tensors of the part once, and a second time to compare them.
  package func write(
    _ number: Int, of source: any CheckpointSource, with attachments: Attachments, jobs: Int,
    progress: (Int) -> Void = { _ in }, conclude: () throws -> [String] = { [] }
  ) throws -> Outcome {
    let selected = try SelectedSource(source, plan.shares[number - 1])
    let attachments = number == 1 ? attachments : Attachments()
    let path = path(number)
    return try naming(path) {
      if FileSystem.exists(path), !writer.replace {
        try requireRight(number, selected, attachments, jobs: jobs, progress)
        return .kept
      }
      do {
        try writer.write(
          selected, .ofPart, with: attachments, as: plan.part(number), to: path, progress: progress,
          conclude: conclude)
        return .written
      } catch FormatError.outputExists {
        // Another process was faster.
        try requireRight(number, selected, attachments, jobs: jobs, { _ in })
        return .kept
      }
    }
  }

  /// Makes sure that a part that is there has no damage and every tensor of the source.
  private func requireRight(
    _ number: Int, _ source: SelectedSource, _ attachments: Attachments, jobs: Int, _ progress: (Int) -> Void
  ) throws {
    let written = try ContainerSource(open(number))
    if let damage = try written.findDamage(jobs: jobs).first {
      throw FormatError.partInTheWay("\(damage)")
    }
    do {
      try source.requireSame(in: written, jobs: jobs, progress: progress)
      try attachments.requireSame(in: written.attached, jobs: jobs, progress: progress)
    } catch FormatError.writtenDiffers(let name) {
      throw FormatError.partInTheWay("“\(name.printable)” in it has other values than the source")
    }
  }

  /// Writes the index, when all parts are there. An equal index that is there is kept.
  /// - Returns: The model.
  /// - Throws: `FileDiagnosis` with the folder and ``FormatError/partsMissing(_:of:)``, with the path of a part and
  ///   ``FormatError/partUnfit(_:number:)`` for one of another plan or with a damaged header, or with the path of the index
  ///   and the errors of `OutputFile`.
  /// - Complexity: Reads headers and manifests alone.
  @discardableResult
  package func finish() throws -> ContainerSource {
    let missing = (1...plan.count).filter { !FileSystem.exists(path($0)) }
    guard missing.isEmpty else {
      throw FileDiagnosis(folder, FormatError.partsMissing(missing, of: plan.count))
    }
    try ContainerSource.requireNoOthers(in: folder, than: plan.count)
    let files = try (1...plan.count).map { number in
      let file = try openBeside(number)
      if let detail = try naming(path(number), { try file.headerDamage() }) {
        throw FileDiagnosis(path(number), FormatError.containerHeader(detail))
      }
      return file
    }
    let whole = try ContainerSource.joining(files, location: folder, describedBy: folder)
    let place = FileSystem.path(folder, PartName.index)
    try naming(place) {
      let text = try PartIndex(whole, plan: plan.digest).json
      if Self.holds(place, text) { return }
      do {
        let output = try OutputFile(place, replace: writer.replace, mode: whole.outputMode)
        try output.write(text, at: 0)
        try output.commit(byteCount: text.count)
      } catch FormatError.outputExists {
        guard Self.holds(place, text) else { throw FormatError.outputExists }
      }
    }
    return try ContainerSource(parts: folder)
  }

  /// Whether an index is there already with just this text.
  private static func holds(_ path: String, _ text: [UInt8]) -> Bool {
    (try? InputFile.contents(of: path, limit: Limits.partIndexBytes)) == text
  }
}

extension CheckpointDescription {
  /// What the manifest of a part says where that of a model describes it: a checkpoint under its own names. So a reader
  /// that knows nothing of parts does not take one for a whole model.
  static let ofPart = CheckpointDescription(
    architecture: nil, layout: .verbatim, configuration: nil, metadata: [:], files: [], assumptions: [],
    carried: [])
}
