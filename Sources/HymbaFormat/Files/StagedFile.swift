/// A file of a folder that is complete and has no name yet.
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

  /// Within ``UnfinishedFiles/finishing(_:_:)``.
  func giveName() throws { try file.giveName() }
}
