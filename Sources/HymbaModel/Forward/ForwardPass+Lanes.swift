extension ForwardPass {
  /// The state of the lanes before the first layer.
  func begin(_ lanes: [Lane], _ steering: ExpertSteering) throws -> Lanes {
    let embedded = try embed(lanes.map(\.input))
    let meta = try metaTokens()
    let followsPrefix = lanes.enumerated().map { meta != nil && ($0 > 0 || $1.isStepwise) }
    let length = (meta?.rows ?? 0) + (lanes.map(\.input.length).max() ?? 0)
    let streams = zip(lanes, zip(embedded, followsPrefix)).map { lane, begin -> LaneStream in
      let (x, follows) = begin
      let batch = lane.input.batch
      let pieces =
        if lane.isStepwise {
          (0..<lane.positions).map { x.rows(of: $0, batch: batch) }
        } else if let meta, !follows {
          [x.prepending(meta, batch: batch)]
        } else { [x] }
      return LaneStream(
        pieces,
        from: PassState(
          architecture, batch: batch, capacity: (meta?.rows ?? 0) + lane.input.length,
          position: follows ? meta?.rows ?? 0 : 0))
    }
    var prefix: LaneStream?
    if let meta, followsPrefix.contains(true) {
      prefix = LaneStream([meta], from: PassState(architecture, batch: 1, capacity: length))
    }
    return Lanes(
      streams, followsPrefix: followsPrefix, prefix: prefix, architecture, steering)
  }

  /// The positions of each sequence behind the prepended meta tokens.
  ///
  /// - Parameter x: [batch * (meta + length), hidden]
  /// - Returns: [batch * length, hidden]
  func withoutMetaTokens(_ x: Matrix, batch: Int) -> Matrix {
    let meta = architecture.metaTokens.prependedCount
    guard meta > 0 else { return x }
    let (length, hidden) = (x.rows / batch, x.columns)
    var rows: [Float] = []
    for row in 0..<batch {
      rows += x.values[(row * length + meta) * hidden..<(row + 1) * length * hidden]
    }
    return Matrix(rows: batch * (length - meta), columns: hidden, values: rows)
  }
}

extension Matrix {
  /// The matrix with the rows of `prefix` in front of each sequence's rows.
  fileprivate func prepending(_ prefix: Matrix, batch: Int) -> Matrix {
    let length = self.rows / batch
    var values: [Float] = []
    values.reserveCapacity((self.rows + batch * prefix.rows) * columns)
    for sequence in 0..<batch {
      values += prefix.values
      values += self.values[sequence * length * columns..<(sequence + 1) * length * columns]
    }
    return Matrix(rows: self.rows + batch * prefix.rows, columns: columns, values: values)
  }
}

extension [Matrix] {
  /// Joins the pieces of a stream, each [batch * length, width], sequence by sequence.
  ///
  /// - Returns: [batch, sum of the lengths, width]
  func sequences(batch: Int) -> Tensor {
    if count == 1 { return Tensor(self[0], batch: batch) }
    let width = first?.columns ?? 0
    var values: [Float] = []
    for sequence in 0..<batch {
      for piece in self {
        let size = piece.rows / batch * width
        values += piece.values[sequence * size..<(sequence + 1) * size]
      }
    }
    return Tensor([batch, batch == 0 ? 0 : values.count / (batch * Swift.max(1, width)), width], values)
  }
}
