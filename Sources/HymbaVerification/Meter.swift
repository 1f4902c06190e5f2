/// Adds up what was done of one stage.
final class Meter {
  private let stage: String
  private let total: Int
  private let progress: ForwardVerification.Progress
  private var done = 0

  init(_ stage: String, _ total: Int, _ progress: @escaping ForwardVerification.Progress) {
    self.stage = stage
    self.total = total
    self.progress = progress
  }

  func add(_ amount: Int) {
    done += amount
    progress(stage, done, total)
  }
}
