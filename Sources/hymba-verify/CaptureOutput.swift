import HymbaConversion
import HymbaFormat
import HymbaTerminal

/// The file of `--save-outputs`. It must not be one of the files that are read.
struct CaptureOutput {
  private let path: String
  private let replace: Bool

  /// Checks the file, as far as that is possible before it is written.
  ///
  /// - Throws: ``ConversionError`` of the kind `usage` for the name, ``FormatError/outputExists`` for a file
  ///   that may not be replaced, ``FormatError/cannotWrite(_:)``.
  init(_ path: String, replace: Bool) throws {
    try ToolWords(outputOption: "--save-outputs").speaking { try OutputName.requireTensors(path) }
    try naming(path) { try OutputFile.requirePlace(path, replace: replace) }
    self.path = path
    self.replace = replace
  }

  /// Refuses an output that would replace a file that is read.
  ///
  /// - Parameter files: The files that are read beside the checkpoint.
  /// - Throws: ``ConversionError/exportImpossible(_:)``.
  func requireApart(from model: OpenedModel, _ files: [String]) throws {
    try model.requireApart(path, given: "--save-outputs", files)
  }

  func write(_ captures: some CheckpointSource, quiet: Bool) throws {
    defer { Terminal.noteLeftovers(of: path, quiet: quiet) }
    try naming(path) { try SafetensorsWriter.write(captures, to: path, replace: replace) }
  }
}

extension OpenedModel {
  /// Refuses an output that would replace a file that is read.
  ///
  /// - Parameters:
  ///   - option: The option that names the output.
  ///   - files: The files that are read beside the checkpoint.
  /// - Throws: ``ConversionError/exportImpossible(_:)``.
  func requireApart(_ path: String, given option: String, _ files: [String]) throws {
    guard let output = FileIdentity(path) else { return }
    guard isSource(path) || files.contains(where: { FileIdentity($0) == output }) else { return }
    throw FileDiagnosis(
      path,
      ConversionError.exportImpossible(
        "this file is read, and \(option) would replace it; name another file"))
  }
}
