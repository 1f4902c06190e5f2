import HymbaFormat

/// The tree of an Nx container: maps of maps of tensors, flattened to `layer.parameter`.
struct NxTree: Sendable {
  static let mapModule = "Elixir.Nx.Container.Map"

  /// All tensors, in the order of their data. The tree's own order is a hash order when there are more than 32
  /// layers.
  let tensors: TensorTable
  /// Where the data of each tensor begins, counted from the first byte after the tree.
  let offsets: [Int]
  /// Bytes of data after the tree.
  let dataBytes: Int

  init(from reader: inout TermReader) throws(EdificeError) {
    let root = reader.position
    var nodes = NxTreeNodes()
    try nodes.readNode(from: &reader, named: nil)

    // A tensor without elements sorts before the tensor that begins at the same place.
    let leaves = nodes.leaves.sorted { ($0.offset, $0.end) < ($1.offset, $1.end) }
    var expected = 0
    for leaf in leaves {
      let name = leaf.descriptor.name
      if leaf.offset > expected {
        throw .invalid(
          .hole(before: name, expected: expected, found: leaf.offset), at: leaf.position)
      }
      if leaf.offset < expected {
        throw .invalid(
          .overlap(tensor: name, expected: expected, found: leaf.offset), at: leaf.position)
      }
      expected = leaf.end
    }
    do {
      self.tensors = try TensorTable(leaves.map(\.descriptor))
    } catch {
      throw .invalid(error, at: root)
    }
    self.offsets = leaves.map(\.offset)
    self.dataBytes = expected
  }
}

/// Collects the tensors of a tree.
private struct NxTreeNodes {
  var leaves: [NxLeaf] = []
  private var names: Set<NameKey> = []

  /// Reads a node: a tensor, which is a tuple of 7, or a container, which is a tuple of 3.
  /// - Parameter name: The name that leads to the node; nil at the root, which must be a container.
  mutating func readNode(
    from reader: inout TermReader, named name: String?
  ) throws(EdificeError) {
    let at = reader.position
    let what = name == nil ? "a map of layers" : "a map or a tensor"
    try reader.readTuple(what) { reader, arity throws(EdificeError) in
      switch (arity, name) {
      case (3, _): try readMap(from: &reader, named: name)
      case (7, let name?):
        leaves.append(try NxLeaf(from: &reader, named: name, at: at))
        guard names.insert(NameKey(name)).inserted else { throw .invalid(.duplicateName(name), at: at) }
      default: throw .unexpected(.tuple(arity), what, at)
      }
    }
  }

  /// Reads a container: `{Elixir.Nx.Container.Map, [{key, node}, …], :ok}`.
  ///
  /// `Nx.deserialize/2` calls whatever module the file names here. This reader calls nothing, and refuses every
  /// module but this one.
  private mutating func readMap(
    from reader: inout TermReader, named name: String?
  ) throws(EdificeError) {
    let at = reader.position
    let module = try reader.readAtom("a container module")
    guard module == NxTree.mapModule else { throw .foreignModule(module, at: at) }
    _ = try reader.readList("a list of keys and nodes") { reader throws(EdificeError) in
      try reader.readTuple(of: 2, "a key and a node") { reader throws(EdificeError) in
        let at = reader.position
        let key = try reader.readName("a name")
        let name = name.map { "\($0).\(key)" } ?? key
        if let problem = name.problem(asLastPart: key) {
          throw .invalid(.invalidName(name.prefix(64).description, problem), at: at)
        }
        try readNode(from: &reader, named: name)
      }
    }
    try reader.readAtom("ok", "the atom “ok”")
  }
}

extension String {
  /// Why a tensor cannot have this name, whose last part is `key`; nil when it can. Nothing may go wrong when
  /// somebody uses the name as a file's.
  func problem(asLastPart key: String) -> String? {
    if key.isEmpty { return "has an empty part" }
    if utf8.count > Limits.nameBytes { return "is longer than \(Limits.nameBytes) bytes" }
    if hasTooManyMarks {
      return "has more than \(Limits.combiningMarks) combining marks in a row"
    }
    if key == "." || key == ".." || key.utf8.contains(UInt8(ascii: "/"))
      || key.utf8.contains(UInt8(ascii: "\\"))
    {
      return "could be taken for a path"
    }
    return key == key.printable ? nil : "has control characters"
  }
}
