import HymbaFormat

/// One matrix of a checkpoint with its rows or its columns in another order.
struct ReorderedSource: CheckpointSource {
  let tensors: TensorTable
  private let source: any CheckpointSource
  private let matrix: TensorDescriptor
  private let view: MatrixView
  private let order: LineOrder

  /// - Parameter order: For each row or column, the one of `matrix` that it holds.
  /// - Throws: `FormatError`.
  init(_ source: any CheckpointSource, _ matrix: TensorDescriptor, _ order: LineOrder) throws {
    self.tensors = try TensorTable([matrix])
    self.source = source
    self.matrix = matrix
    self.view = MatrixView(matrix.shape)
    self.order = order
  }

  var location: String { source.location }
  var files: [SourceFile] { source.files }

  func read(
    _ tensor: TensorDescriptor, from offset: Int, into buffer: inout MutableRawSpan
  ) throws {
    _ = try tensors.position(of: tensor, from: offset, count: buffer.byteCount)
    let size = matrix.type.byteSize
    let rowBytes = view.columns * size
    guard !buffer.isEmpty else { return }
    var written = 0
    for row in offset / rowBytes...(offset + buffer.byteCount - 1) / rowBytes {
      let origin = order.isOfRows ? order.lines[row] : row
      var line = try [UInt8](count: rowBytes) { try source.read(matrix, from: origin * rowBytes, into: &$0) }
      if !order.isOfRows {
        line = order.lines.flatMap { line[$0 * size..<($0 + 1) * size] }
      }
      let skipped = max(0, offset - row * rowBytes)
      let count = min(rowBytes - skipped, buffer.byteCount - written)
      for index in 0..<count { buffer.storeBytes(of: line[skipped + index], toByteOffset: written + index, as: UInt8.self) }
      written += count
    }
  }
}

/// An order of the rows or the columns of a matrix.
struct LineOrder: Sendable {
  let isOfRows: Bool
  /// For each line, the one of the former order.
  let lines: [Int]
}
