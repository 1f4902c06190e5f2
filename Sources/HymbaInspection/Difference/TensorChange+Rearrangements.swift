import HymbaFormat

extension TensorChange {
  typealias Hashes = (a: LineHashes, b: LineHashes)

  /// The hashes of the lines of both tensors, of the first one after a cast to the type of the second; nil where
  /// that is not possible.
  func hashes() throws -> Hashes? {
    guard let a = try hashes(reading.a, views.a, search.pair.a),
      let b = try hashes(reading.b, views.b, search.pair.b)
    else { return nil }
    return (a, b)
  }

  private func hashes(
    _ one: any TensorReading, _ view: MatrixView, _ side: CheckpointPair.Side
  ) throws -> LineHashes? {
    try LineHashes(
      one, as: reading.typeB, view: view, pieceElements: reading.pieceElements,
      location: side.location, jobs: jobs)
  }

  func rearranged() throws -> Explanation? { try hashes().flatMap { try rearranged($0) } }

  func rearranged(_ hashes: Hashes) throws -> Explanation? {
    let (a, b) = hashes
    func isTransposed(_ a: LineHashes, _ b: LineHashes) -> Bool {
      a.view.isMatrix && a.view.transposed == b.view && a.rows == b.columns && a.columns == b.rows
    }
    if isTransposed(a, b) {
      return Explanation(.transpose, "rows and columns exchanged", exact: true)
    }
    guard isAligned else { return nil }
    if let inOrder = inOrder(a, b) { return inOrder }
    guard a.view.isMatrix, a.view != a.view.transposed,
      let other = try self.hashes(reading.b, a.view.transposed, search.pair.b), isTransposed(a, other)
    else { return nil }
    return Explanation(.transpose, "rows and columns exchanged under the former shape", exact: true)
  }

  /// The explanation by rows or columns in another order.
  private func inOrder(_ a: LineHashes, _ b: LineHashes) -> Explanation? {
    let noun = a.view.columns == 1 ? "elements" : "rows"
    return Rearrangement(a.rows[...], b.rows[...], noun)
      .explanation(heads: parts?.rowHeads, parts: parts?.parts ?? [])
      ?? Rearrangement(a.columns[...], b.columns[...], "columns")
      .explanation(heads: parts?.columnHeads)
  }
}
