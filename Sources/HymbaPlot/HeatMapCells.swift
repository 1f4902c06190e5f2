/// The cells of a heat map: the mean of the numbers of each bin of rows and columns.
struct HeatMapCells {
  /// More cells are neither seen nor quickly drawn.
  static let mostRows = 64
  static let mostColumns = 96

  let rows: Binning
  let columns: Binning
  /// The cells of each bin of rows; nil for one without a number that can be drawn.
  private(set) var values: [[Double?]] = []
  private(set) var notes: [String] = []

  init(_ values: [[Double]], names: (rows: String, columns: String)) {
    let width = values.map(\.count).max() ?? 0
    let rows = Binning(values.count, atMost: Self.mostRows)
    let columns = Binning(width, atMost: Self.mostColumns)
    var undrawn = UndrawnNumbers()
    self.values = rows.bins.map { rowRange in
      columns.bins.map { columnRange in
        var mean = 0.0
        var count = 0.0
        for row in rowRange {
          let range = columnRange.clamped(to: 0..<values[row].count)
          for value in values[row][range] where undrawn.canDraw(value, .linear) {
            count += 1
            // A running mean stays within the values, where a sum may overflow.
            mean += (value - mean) / count
          }
        }
        return count > 0 ? mean : nil
      }
    }
    self.rows = rows
    self.columns = columns
    notes = undrawn.notes
    for (binning, name, total) in [
      (rows, names.rows, values.count), (columns, names.columns, width),
    ]
    where !binning.isWhole {
      notes.append(
        "A cell is the mean of about \(total / binning.bins.count) neighbours of \(total) along “\(name)”."
      )
    }
  }
}
