public import HymbaFormat

/// What an export wrote. Its JSON form has a schema, `Schemas/conversion.schema.json`.
public struct ExportOutcome: Sendable, Encodable {
  public let source: String
  public let output: String
  public let layout: String
  public let tensors: Int
  /// Of the tensors' data.
  public let bytes: Int
  /// Names of the files with the tensors, an index first.
  public internal(set) var files: [String] = []
  /// Names of the other files that were written beside them.
  public internal(set) var companions: [String] = []
  /// Whether what was written was read again and is equal to what was to be written.
  public let verified: Bool
  /// Nil when nothing was cast.
  @OrNull public internal(set) var cast: CastReport?
  /// What the reader of the output may miss, one sentence each.
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
