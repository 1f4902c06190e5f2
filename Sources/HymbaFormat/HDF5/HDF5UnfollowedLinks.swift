#if HDF5
/// The links of an HDF5 file that lead to none of its datasets. They are left aside.
struct HDF5UnfollowedLinks {
  /// What is wrong with the first of these links.
  private(set) var firstReason: HDF5Problem?
  private var paths: [LeftAside.Kind: [String]] = [:]

  mutating func add(_ path: String, _ kind: LeftAside.Kind, _ reason: HDF5Problem) {
    firstReason = firstReason ?? reason
    paths[kind, default: []].append(path)
  }

  /// The links by kind. Their bytes are 0, because the bytes of a link in the file are not known.
  var leftAside: [LeftAside] {
    [LeftAside.Kind.linksElsewhere, .linksToNothing, .linksBack].compactMap { kind in
      paths[kind].map { LeftAside(kind, names: $0, bytes: 0) }
    }
  }
}
#endif
