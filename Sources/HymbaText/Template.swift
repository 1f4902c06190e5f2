/// The special tokens that are put around a text, which is what a file calls its post-processor.
struct Template: Sendable {
  var before: [Int] = []
  var after: [Int] = []
}
