public import HymbaFormat

/// The result of an export. The schema of its JSON form is `Schemas/conversion.schema.json`.
public struct ExportOutcome: Sendable, Encodable {
  /// The location of the source.
  public let source: String
  /// The path of the file or folder that was written.
  public let output: String
  /// The name of the layout that was written, or the path of its document.
  public let layout: String
  /// The number of tensors that were written.
  public let tensors: Int
  /// The bytes of the tensors' data as they were written.
  public internal(set) var bytes: Int
  /// The names of the files that hold the tensors. An index comes first.
  public internal(set) var files: [String] = []
  /// The names of the other files that were written beside them.
  public internal(set) var companions: [String] = []
  /// Whether the output was read again and found equal to what was to be written.
  public let verified: Bool
  /// The report of the cast; nil when nothing was cast.
  @OrNull public internal(set) var cast: CastReport?
  /// The facts that the reader of the output may miss.
  public internal(set) var notes: [ExportNote] = []

  init(source: String, output: String, layout: String, tensors: TensorTable, verified: Bool) {
    self.source = source
    self.output = output
    self.layout = layout
    self.tensors = tensors.count
    self.bytes = tensors.totalBytes
    self.verified = verified
  }
}
