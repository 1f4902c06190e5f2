import FoundationEssentials
import HymbaConversion
import HymbaFormat
import HymbaTerminal
import HymbaVerification

/// The file of `--card`. It must not be one of the files that are read.
struct CardOutput {
  private let path: String
  private let replace: Bool

  /// Checks the file, as far as that is possible before it is written.
  ///
  /// - Throws: ``ConversionError`` of the kind `usage` for the name, ``FormatError/outputExists`` for a file
  ///   that may not be replaced, ``FormatError/cannotWrite(_:)``.
  init(_ path: String, replace: Bool) throws {
    guard path != StandardInput.path else {
      throw ConversionError.exportImpossible(
        "a card is not written to standard output; name a .json file with --card")
    }
    guard path.hasSuffix(".json"), path != ".json" else {
      throw ConversionError.exportImpossible(
        "a card is a JSON document; name it “\(FileSystem.name(of: path).printable).json” with --card")
    }
    try naming(path) { try OutputFile.requirePlace(path, replace: replace) }
    self.path = path
    self.replace = replace
  }

  /// - Parameter files: The files that are read beside the checkpoint.
  /// - Throws: ``ConversionError/exportImpossible(_:)`` for a file that is read.
  func requireApart(from model: OpenedModel, _ files: [String]) throws {
    try model.requireApart(path, given: "--card", files)
  }

  /// Writes the card of a verification, whether it passed or not.
  ///
  /// - Throws: As ``VerificationCard`` and ``OutputFile``.
  func write(
    _ report: VerificationReport, of model: OpenedModel, against reference: Reference?, jobs: Int,
    quiet: Bool
  ) throws {
    let card = try VerificationCard(
      report, of: model, reference: try reference?.identity(jobs: jobs),
      by: .init(name: "hymba-verify", version: Terminal.version, commit: Terminal.commit),
      on: .init(
        system: Machine.system, processor: Machine.processor, cores: Parallel.cores, jobs: jobs),
      at: Date.now.formatted(.iso8601))
    let text = try Terminal.document(card) + [UInt8(ascii: "\n")]
    defer { Terminal.noteLeftovers(of: path, quiet: quiet) }
    try naming(path) {
      let file = try OutputFile(path, replace: replace, expectedBytes: text.count)
      try file.write(text, at: 0)
      try file.commit(byteCount: text.count)
    }
  }
}
