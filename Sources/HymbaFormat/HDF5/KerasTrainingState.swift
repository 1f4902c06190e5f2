/// Which datasets of a Keras file are the state of training: what an optimizer and the metrics remember.
struct KerasTrainingState {
  private var beginnings: [String] = []

  /// - Parameter groups: Paths of all groups of the file.
  init(_ groups: Set<NameKey>) {
    // `model.save` of Keras 2, and what Keras 3 calls its legacy format.
    if groups.contains(NameKey("/optimizer_weights")) { beginnings.append("/optimizer_weights/") }
    // Keras 3; a shard may hold nothing else.
    if groups.contains(NameKey("/optimizer/vars")) { beginnings.append("/optimizer/") }
    // The first versions of Keras 3 had these, beside the variables of the model itself.
    if groups.contains(NameKey("/metrics")), groups.contains(NameKey("/vars")) { beginnings.append("/metrics/") }
  }

  func holds(_ path: String) -> Bool { beginnings.contains { path.hasPrefix($0) } }
}
