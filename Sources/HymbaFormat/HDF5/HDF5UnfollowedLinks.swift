#if HDF5
/// Links of an HDF5 file that lead to none of its datasets, which are left aside.
struct HDF5UnfollowedLinks {
  /// What is wrong with the first of them.
  private(set) var firstReason: HDF5Problem?
  private var paths: [LeftAside.Kind: [String]] = [:]

  mutating func add(_ path: String, _ kind: LeftAside.Kind, _ reason: HDF5Problem) {
    firstReason = firstReason ?? reason
    paths[kind, default: []].append(path)
  }

  /// A link's own bytes are not known.
  var leftAside: [LeftAside] {
    [LeftAside.Kind.linksElsewhere, .linksToNothing, .linksBack].compactMap { kind in
      paths[kind].map { LeftAside(kind, names: $0, bytes: 0) }
    }
  }
}
#endif
