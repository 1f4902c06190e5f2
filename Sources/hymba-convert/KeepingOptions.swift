import ArgumentParser
import HymbaConversion
import HymbaFormat
import HymbaTerminal
import HymbaVerification

/// The options that say what a container keeps beside the tensors.
struct KeepingOptions: ParsableArguments {
  @Flag(
    inversion: .prefixedNo,
    help: "Keep the tokenizer's files and the other files of a folder that an export copies.")
  var files = true

  @Option(
    help: ArgumentHelp(
      "Keep what the model should compute: a safetensors file with “input” or “input_ids” and captures, as hymba-verify forward takes with --expect.",
      valueName: "file"))
  var reference: String?

  @Option(
    help: ArgumentHelp(
      "Keep the input of such a file, and of its captures statistics alone, which take little room.",
      valueName: "file"))
  var referenceStats: String?

  @Option(
    parsing: .unconditionalSingleValue,
    help: ArgumentHelp("Metadata to add. It may be repeated.", valueName: "key=value"))
  var metadata: [String] = []

  func validate() throws {
    guard reference == nil || referenceStats == nil else {
      throw ValidationError("--reference and --reference-stats both give the reference; pass one.")
    }
    do {
      _ = try AddedMetadata(metadata)
    } catch {
      throw ValidationError("--metadata: \(error.description).")
    }
  }

  /// What is kept with a checkpoint. It is all checked before anything is written.
  ///
  /// - Parameter model: The checkpoint as it was opened, before a cast.
  /// - Throws: What ``KeptAttachments`` and ``ReferenceKeeping`` throw.
  func kept(with model: OpenedModel, jobs: Int) throws -> KeptAttachments {
    let path = reference ?? referenceStats
    var kept = try KeptAttachments(of: model, files: files, reference: path == nil)
    guard let path else { return kept }
    let keeping = try ReferenceKeeping(path, for: model, jobs: jobs)
    try keeping.add(to: &kept.attachments, asStatistics: referenceStats != nil, jobs: jobs)
    if model.attached?.hasProbes == true {
      kept.note("the reference that \(FileSystem.name(of: model.location)) kept gives way to \(path)")
    }
    if !keeping.notKept.isEmpty {
      kept.note(
        "of \(path) not kept, as this model computes and reads nothing of the kind: \(Self.shown(keeping.notKept))")
    }
    return kept
  }

  /// The description of a checkpoint with the metadata that is added, and without what it says of a reference that is
  /// replaced.
  /// - Throws: ``ConversionError/metadata(_:)`` for a key that the checkpoint has with another value.
  func described(_ model: OpenedModel) throws -> CheckpointDescription {
    var description = model.description
    description.metadata = try naming(model.location) {
      try AddedMetadata(metadata).added(to: description.metadata)
    }
    if reference ?? referenceStats != nil {
      description.assumptions.removeAll(where: ReferenceBesideCast.isNote)
    }
    return description
  }

  /// The most names that a note shows.
  private static let shownNames = 8

  private static func shown(_ names: [String]) -> String {
    let more = names.count - shownNames
    return names.prefix(shownNames).map(\.printable).joined(separator: ", ")
      + (more > 0 ? " and \(more) more" : "")
  }
}
