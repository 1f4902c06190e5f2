#if HDF5
/// Tells which datasets of a Keras file are the state of training: the variables of the optimizer and the
/// metrics.
struct KerasTrainingState {
  private var beginnings: [String] = []

  /// - Parameter groups: All groups of the file, by path.
  init(_ groups: NameTable<UInt64>) {
    // Keras 2 with `model.save`, and the format that Keras 3 calls legacy.
    if groups["/optimizer_weights"] != nil { beginnings.append("/optimizer_weights/") }
    // Keras 3. A shard may hold nothing else.
    if groups["/optimizer/vars"] != nil { beginnings.append("/optimizer/") }
    // The first versions of Keras 3 saved the metrics, beside the variables of the model itself.
    if groups["/metrics"] != nil, groups["/vars"] != nil { beginnings.append("/metrics/") }
  }

  func holds(_ path: String) -> Bool { beginnings.contains { path.hasPrefix($0) } }
}
#endif
