/// A unit in which all sizes of a picture are short numbers.
struct ByteScale {
  /// Such as `MB`.
  let unit: String
  /// The bytes of the unit.
  let bytes: Double

  /// - Parameter most: The largest size, in bytes.
  init(_ most: Int) {
    let units = ["B", "kB", "MB", "GB", "TB", "PB"]
    var (index, size) = (0, 1.0)
    while index + 1 < units.count, Double(most) >= size * 1000 {
      index += 1
      size *= 1000
    }
    self.unit = units[index]
    self.bytes = size
  }

  func callAsFunction(_ count: Int) -> Double { Double(count) / bytes }
}
