/// Whole numbers as ranges of neighbours, such as those of the layers that are alike.
package struct NumberRanges: Sendable {
  private let runs: [ClosedRange<Int>]

  /// - Parameter numbers: The numbers in any order. Repeated ones count once.
  package init(_ numbers: some Sequence<Int>) {
    runs = Set(numbers).sorted().reduce(into: []) { runs, number in
      if let last = runs.last, last.upperBound + 1 == number {
        runs[runs.count - 1] = last.lowerBound...number
      } else {
        runs.append(number...number)
      }
    }
  }

  /// The numbers in place of one in a name: `7`, or `{0..3,7}`.
  package var braces: String {
    let parts = runs.map { run in
      switch run.count {
      case 1: "\(run.lowerBound)"
      case 2: "\(run.lowerBound),\(run.upperBound)"
      default: "\(run.lowerBound)..\(run.upperBound)"
      }
    }
    return runs.count == 1 && runs[0].count == 1 ? parts[0] : "{\(parts.joined(separator: ","))}"
  }

  /// The numbers in words: `0 to 3, 7`.
  package var words: String {
    runs.map { $0.count == 1 ? "\($0.lowerBound)" : "\($0.lowerBound) to \($0.upperBound)" }
      .joined(separator: ", ")
  }
}
