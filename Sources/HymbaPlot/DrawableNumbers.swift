/// The numbers that a drawing can show.
enum DrawableNumbers {
  /// The least magnitude beside 0.
  static let smallest = 1e-300
  /// The largest magnitude. The difference of two drawable numbers is finite.
  static let largest = 1e300

  /// Why a number cannot be drawn on a scale; nil where it can.
  static func obstacle(_ value: Double, _ kind: Axis.Kind) -> Obstacle? {
    guard value.isFinite else { return .notFinite }
    guard abs(value) <= largest else { return .tooLarge }
    return kind == .log10 && value < smallest ? .notPositive : nil
  }

  enum Obstacle: CaseIterable {
    case notFinite, tooLarge, notPositive
  }
}

/// Counts the numbers that a drawing cannot show.
struct UndrawnNumbers {
  private var counts: [DrawableNumbers.Obstacle: Int] = [:]
  private var total = 0

  /// Counts a number, and returns whether it can be drawn.
  @discardableResult
  mutating func canDraw(_ value: Double, _ kind: Axis.Kind) -> Bool {
    total += 1
    guard let obstacle = DrawableNumbers.obstacle(value, kind) else { return true }
    counts[obstacle, default: 0] += 1
    return false
  }

  /// One sentence for each reason.
  var notes: [String] {
    DrawableNumbers.Obstacle.allCases.compactMap { obstacle in
      guard let count = counts[obstacle] else { return nil }
      let verb = count == 1 ? "is" : "are"
      return switch obstacle {
      case .notFinite: "\(count) of \(total) values \(verb) not finite and not drawn."
      case .tooLarge: "\(count) of \(total) values \(verb) beyond 1e300 and not drawn."
      case .notPositive:
        "\(count) of \(total) values \(verb) not above 0 and not drawn, as the scale is logarithmic."
      }
    }
  }
}
