/// The number, the mean and the squared deviations of values, which can be added up from pieces.
struct Moments: Sendable {
  private(set) var count = 0
  private(set) var mean = 0.0
  /// The sum of the squared deviations from the mean.
  private(set) var squares = 0.0

  init() {}

  init(count: Int, mean: Double, squares: Double) {
    self.count = count
    self.mean = mean
    self.squares = squares
  }

  /// Adds the values of another piece (Chan, Golub and LeVeque 1979).
  mutating func add(_ other: Moments) {
    guard other.count > 0 else { return }
    let total = count + other.count
    let difference = other.mean - mean
    let share = Double(other.count) / Double(total)
    squares += other.squares + difference * difference * Double(count) * share
    mean += difference * share
    count = total
  }

  /// The standard deviation of the population; 0 without values.
  var deviation: Double { count == 0 ? 0 : (squares / Double(count)).squareRoot() }
}
