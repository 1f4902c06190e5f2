import HymbaFormat

/// The error for a filter that no tensor's name matches.
struct NothingFits: Diagnosis {
  let filter: String
  /// The name of a tensor of the checkpoint.
  let example: String
  /// The number of tensors whose names the filter would match with `*` around it.
  let wider: Int

  var kind: FailureKind { .wrong }

  var description: String {
    "no tensor's name fits --filter “\(filter.printable)”: it must fit the whole name, as of “\(example.printable)”"
      + (wider > 0 ? "; “*\(filter.printable)*” fits \(wider)" : "")
  }
}
