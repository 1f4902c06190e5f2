import HymbaFormat

/// A filter that the name of no tensor fits.
struct NothingFits: Diagnosis {
  let filter: String
  /// The name of a tensor that is there.
  let example: String
  /// Tensors whose names the filter would fit with `*` around it.
  let wider: Int

  var kind: FailureKind { .wrong }

  var description: String {
    "no tensor's name fits --filter “\(filter.printable)”: it must fit the whole name, as of “\(example.printable)”"
      + (wider > 0 ? "; “*\(filter.printable)*” fits \(wider)" : "")
  }
}
