import HymbaConversion
import HymbaFormat
import HymbaTerminal

/// The file of --save-outputs, which what else is named must not be.
struct CaptureOutput {
  private let path: String
  private let replace: Bool

  /// - Throws: what is wrong with the name, or with what is there.
  init(_ path: String, replace: Bool) throws {
    try ToolWords(outputOption: "--save-outputs").speaking { try OutputName.requireTensors(path) }
    try naming(path) { try OutputFile.requirePlace(path, replace: replace) }
    self.path = path
    self.replace = replace
  }

  /// - Parameter files: What is read beside the checkpoint.
  /// - Throws: ``ConversionError/exportImpossible(_:)`` when something that is read would be replaced.
  func requireApart(from model: OpenedModel, _ files: [String]) throws {
    guard let output = FileIdentity(path) else { return }
    guard model.isSource(path) || files.contains(where: { FileIdentity($0) == output }) else {
      return
    }
    throw FileDiagnosis(
      path,
      ConversionError.exportImpossible(
        "this file is read, and --save-outputs would replace it; name another file"))
  }

  func write(_ captures: some CheckpointSource) throws {
    try naming(path) { try SafetensorsWriter.write(captures, to: path, replace: replace) }
  }
}
