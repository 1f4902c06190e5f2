#if HDF5
/// Which datasets of a Keras file are the state of training: what an optimizer and the metrics remember.
struct KerasTrainingState {
  private var beginnings: [String] = []

  /// - Parameter groups: Paths of all groups of the file.
  init(_ groups: NameTable<UInt64>) {
    // `model.save` of Keras 2, and what Keras 3 calls its legacy format.
    if groups["/optimizer_weights"] != nil { beginnings.append("/optimizer_weights/") }
    // Keras 3; a shard may hold nothing else.
    if groups["/optimizer/vars"] != nil { beginnings.append("/optimizer/") }
    // The first versions of Keras 3 had these, beside the variables of the model itself.
    if groups["/metrics"] != nil, groups["/vars"] != nil { beginnings.append("/metrics/") }
  }

  func holds(_ path: String) -> Bool { beginnings.contains { path.hasPrefix($0) } }
}
#endif
