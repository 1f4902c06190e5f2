import HymbaFormat

extension NxTree {
  /// The tree of tensors named `layer.parameter`, as `Nx.serialize/2` writes it.
  ///
  /// - Returns: The tree, and the tensors in the order of their data, which is that of the tree.
  /// - Throws: ``EdificeWritingError/name(_:)``, ``EdificeWritingError/unreadableName(_:_:)``,
  ///   ``EdificeWritingError/type(_:of:)``.
  /// - Complexity: Sorts the tensors by layer and parameter.
  static func term(
    of tensors: TensorTable
  ) throws(EdificeWritingError) -> (tree: Term, ordered: [TensorDescriptor]) {
    var layers: NameTable<[(parameter: String, tensor: TensorDescriptor)]> = [:]
    for tensor in tensors {
      let parts = tensor.name.split(separator: ".", omittingEmptySubsequences: false)
      guard parts.count == 2, parts.allSatisfy({ !$0.isEmpty }) else { throw .name(tensor.name) }
      // A name that the reader would refuse is not written.
      for part in parts {
        if let problem = tensor.name.problem(asLastPart: String(part)) {
          throw .unreadableName(tensor.name, problem)
        }
      }
      layers[String(parts[0]), default: []].append((String(parts[1]), tensor))
    }
    var ordered: [TensorDescriptor] = []
    var offset = 0
    var nodes: [Term] = []
    for (layer, parameters) in layers.sorted {
      var leaves: [Term] = []
      for (name, tensor) in parameters.sorted(by: { $0.parameter.utf8Precedes($1.parameter) }) {
        leaves.append(.tuple([.text(name), try leaf(tensor, at: offset)]))
        ordered.append(tensor)
        offset += tensor.byteCount
      }
      nodes.append(.tuple([.text(layer), map(leaves)]))
    }
    return (map(nodes), ordered)
  }

  private static func map(_ pairs: [Term]) -> Term {
    .tuple([.atom(mapModule), .list(pairs), .atom("ok")])
  }

  /// A tensor as `{:t, shape, type, names, vectorized_axes, offset, size}`. The axes have no names, as in Axon.
  private static func leaf(
    _ tensor: TensorDescriptor, at offset: Int
  ) throws(EdificeWritingError) -> Term {
    let dimensions = tensor.shape.dimensions
    guard let (kind, bits, _) = NxLeaf.types.first(where: { $0.type == tensor.type }) else {
      throw .type(tensor.type.rawValue, of: tensor.name)
    }
    return .tuple([
      .atom("t"), .tuple(dimensions.map(Term.integer)),
      .tuple([.atom(kind), .integer(bits)]), .list(dimensions.map { _ in .atom("nil") }),
      .list([]), .integer(offset), .integer(tensor.byteCount),
    ])
  }
}
