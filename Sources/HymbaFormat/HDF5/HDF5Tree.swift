#if HDF5
import HDF5

/// All paths of an HDF5 file that lead to datasets. They are found by following the links within the file.
struct HDF5Tree {
  /// The datasets, in the order of their headers in the file. That is roughly the order of writing.
  let datasets: [(path: String, address: UInt64)]
  /// The address of each group's header, by the path of the group.
  let groups: NameTable<UInt64>
  let unfollowed: HDF5UnfollowedLinks
  let attributes: HDF5InnerAttributes

  /// - Throws: ``FormatError/hdf5(_:)``.
  init(walking file: borrowing HDF5File, _ superblock: HDF5Superblock) throws(FormatError) {
    var walk = Walk(superblock.fields)
    let root = superblock.rootAddress
    guard try HDF5ObjectHeader(at: root, superblock.fields).kind == .group else {
      throw .hdf5(.unknownObject(path: "/"))
    }
    walk.groups["/"] = root
    try walk.visit(file, "", Ancestry(path: "/", address: root))
    try walk.visitOthers(file)
    self.datasets = walk.datasets.sorted {
      ($0.address, $0.order) < ($1.address, $1.order)
    }.map { ($0.path, $0.address) }
    self.groups = walk.groups
    self.unfollowed = walk.unfollowed
    self.attributes = walk.attributes
  }
}

/// A group and the groups around it.
private struct Ancestry {
  private(set) var groups: [(path: String, address: UInt64)]
  private(set) var innermost: UInt64

  init(path: String, address: UInt64) {
    self.groups = [(path, address)]
    self.innermost = address
  }

  func adding(_ path: String, _ address: UInt64) -> Ancestry {
    var copy = self
    copy.groups.append((path, address))
    copy.innermost = address
    return copy
  }
}

private struct Walk {
  var datasets: [(path: String, address: UInt64, order: Int)] = []
  var groups: NameTable<UInt64> = [:]
  var unfollowed = HDF5UnfollowedLinks()
  var attributes = HDF5InnerAttributes()
  private let fields: HDF5Fields
  /// The kinds of the objects whose headers passed the checks, by address.
  private var checked: [UInt64: HDF5Object.Kind] = [:]
  private var visited: Set<UInt64> = []
  private var revisits = 0
  private var links = 0
  /// The links that are not hard: soft and external ones. They are followed last, because each may lead to any
  /// object, and every object must be checked before.
  private var others: [(link: HDF5Link, path: String, ancestry: Ancestry)] = []

  init(_ fields: HDF5Fields) { self.fields = fields }

  /// Visits the innermost group of `ancestry` and everything below it.
  /// - Parameter prefix: The path of that group, empty for the root.
  mutating func visit(
    _ file: borrowing HDF5File, _ prefix: String, _ ancestry: Ancestry
  ) throws(FormatError) {
    let group = prefix.isEmpty ? "/" : prefix
    let entries = try entries(of: group, at: ancestry.innermost, in: file)
    var names: Set<NameKey> = []
    for link in entries {
      // To compare such a name takes time quadratic in the number of its marks.
      guard !link.name.hasTooManyMarks else { throw .hdf5(.markedName(in: group)) }
      guard !link.name.isEmpty, link.name != ".", !link.name.utf8.contains(UInt8(ascii: "/")) else {
        throw .hdf5(.badName(link.name, in: group))
      }
      guard names.insert(NameKey(link.name)).inserted else {
        throw .hdf5(.twoEntries(path: prefix + "/" + link.name))
      }
      guard case .hard(let address) = link.kind, checked[address] == nil else { continue }
      let header = try HDF5ObjectHeader(at: address, fields)
      try header.check()
      attributes.add(header, prefix + "/" + link.name, address)
      checked[address] = header.kind
    }
    for link in entries {
      let path = prefix + "/" + link.name
      guard case .hard(let address) = link.kind, let kind = checked[address] else {
        others.append((link, path, ancestry))
        continue
      }
      try add(HDF5Object(kind: kind, address: address), file, path, ancestry)
    }
  }

  mutating func visitOthers(_ file: borrowing HDF5File) throws(FormatError) {
    var next = 0
    while next < others.count {
      let (link, path, ancestry) = others[next]
      try follow(link, file, path, ancestry)
      next += 1
    }
  }

  private mutating func entries(
    of group: String, at address: UInt64, in file: borrowing HDF5File
  ) throws(FormatError) -> [HDF5Link] {
    let entries: [HDF5Link]
    do throws(HDF5Error) {
      entries = try file.links(
        ofGroupAt: address, limit: Limits.hdf5Links - links, nameBytes: Limits.hdf5LinkBytes)
    } catch {
      switch error {
      case .tooMany("entries of a group", _): throw .hdf5(.tooManyLinks)
      case .longName: throw .hdf5(.longName(in: group))
      case .notUTF8(let name): throw .hdf5(.nameNotUTF8(name, in: group))
      default: throw .hdf5(.unreadable(path: group, why: "\(error)"))
      }
    }
    links += entries.count
    return entries
  }

  private mutating func follow(
    _ link: HDF5Link, _ file: borrowing HDF5File, _ path: String, _ ancestry: Ancestry
  ) throws(FormatError) {
    switch link.kind {
    case .hard: break
    case .external(let target, _):
      unfollowed.add(path, .linksElsewhere, .leavesTheFile(path: path, to: target))
    case .unknown: unfollowed.add(path, .linksToNothing, .unknownLink(path: path))
    case .soft(let target):
      let object: HDF5Object
      do throws(HDF5Error) {
        object = try file.object(at: path)
      } catch {
        guard !error.isShortOfMemory else {
          throw .hdf5(.unreadable(path: path, why: "\(error)"))
        }
        // Every object was found to be readable before, so the path to it is what fails.
        return unfollowed.add(path, .linksToNothing, .leadsNowhere(path: path, to: target))
      }
      try add(object, file, path, ancestry)
    }
  }

  private mutating func add(
    _ object: HDF5Object, _ file: borrowing HDF5File, _ path: String, _ ancestry: Ancestry
  ) throws(FormatError) {
    switch object.kind {
    case .dataset: datasets.append((path, object.address, datasets.count))
    // A named datatype. The datasets that use it refer to it.
    case .datatype: break
    case .unknown: throw .hdf5(.unknownObject(path: path))
    case .group:
      if let same = ancestry.groups.first(where: { $0.address == object.address }) {
        return unfollowed.add(path, .linksBack, .cycle(path: path, to: same.path))
      }
      guard ancestry.groups.count <= Limits.hdf5Depth else { throw .hdf5(.tooDeep(path: path)) }
      if !visited.insert(object.address).inserted { revisits += 1 }
      guard revisits <= Limits.hdf5SharedGroups else {
        throw .hdf5(.tooManySharedGroups(path: path))
      }
      groups[path] = object.address
      try visit(file, path, ancestry.adding(path, object.address))
    }
  }
}

/// Runs `body`, and turns an error of the library into one that names the path.
/// - Throws: ``FormatError/hdf5(_:)`` with ``HDF5Problem/unreadable(path:why:)``.
func reading<Result: ~Copyable>(
  _ path: String, _ body: () throws(HDF5Error) -> Result
) throws(FormatError) -> Result {
  do throws(HDF5Error) { return try body() } catch {
    throw .hdf5(.unreadable(path: path, why: "\(error)"))
  }
}
#endif
