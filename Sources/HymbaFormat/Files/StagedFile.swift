/// A file of a folder that is complete but does not have its name yet.
final class StagedFile {
  let name: String
  private let byteCount: Int
  private var file: OutputFile

  init(_ name: String, _ file: consuming OutputFile, byteCount: Int) {
    self.name = name
    self.byteCount = byteCount
    self.file = file
  }

  var temporaryPath: String { file.temporaryPath }

  func flush() throws { try file.flush(byteCount: byteCount) }

  /// Gives the flushed file its name. Call it within ``UnfinishedFiles/finishing(_:_:)``.
  func giveName() throws { try file.giveName() }
}
