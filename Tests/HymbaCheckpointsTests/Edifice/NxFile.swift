/// Builds an `.nx` file; every field may be set to something that Edifice would never write.
///
/// Without metadata the tensor section begins at byte 5, its tree (the byte 131) at byte 17.
struct NxFile {
  var flag: UInt8 = 0
  /// A whole term, with its 131.
  var metadata: [UInt8] = []
  var declaredMetadataBytes: Int?
  var magic: [UInt8] = Array("nx".utf8)
  var version: UInt8 = 1
  var byteOrder: UInt8 = 0
  /// A whole term, with its 131.
  var tree: [UInt8] = NxFile.tree([])
  var declaredTreeBytes: Int?
  var data: [UInt8] = []

  var head: [UInt8] {
    [flag] + Erlang.bigEndian(declaredMetadataBytes ?? metadata.count, 4) + metadata
  }
  var section: [UInt8] {
    magic + [version, byteOrder] + Erlang.bigEndian(declaredTreeBytes ?? tree.count, 8) + tree
      + data
  }
  var bytes: [UInt8] { head + section }

  /// The file with another section, such as a compressed one.
  func bytes(withSection section: some Sequence<UInt8>) -> [UInt8] {
    var file = self
    file.flag = 1
    return file.head + section
  }

  static func metadata(_ term: [UInt8]) -> NxFile { NxFile(metadata: [131] + term) }
}

extension NxFile {
  /// A tensor as it should be; `node` is its seven-tuple, whose fields can be replaced.
  struct Leaf {
    var shape: [UInt8]
    var type: [UInt8]
    var names: [UInt8]
    var axes: [UInt8] = Erlang.emptyList
    var offset: [UInt8]
    var size: [UInt8]

    init(_ dimensions: [Int], _ kind: String = "f", _ bits: Int = 32, at offset: Int = 0) {
      self.shape = Erlang.tuple(dimensions.map(Erlang.integer))
      self.type = Erlang.tuple(Erlang.atom(kind), Erlang.integer(bits))
      self.names = Erlang.list(dimensions.map { _ in Erlang.atom("nil") })
      self.offset = Erlang.integer(offset)
      self.size = Erlang.integer(dimensions.reduce(1, &*) &* bits / 8)
    }

    func with(_ change: (inout Leaf) -> Void) -> Leaf {
      var leaf = self
      change(&leaf)
      return leaf
    }

    var node: [UInt8] {
      Erlang.tuple(Erlang.atom("t"), shape, type, names, axes, offset, size)
    }
  }

  static func map(
    _ pairs: [(String, [UInt8])], module: String = "Elixir.Nx.Container.Map",
    info: [UInt8] = Erlang.atom("ok")
  ) -> [UInt8] {
    Erlang.tuple(
      Erlang.atom(module),
      Erlang.list(pairs.map { Erlang.tuple(Erlang.binary($0.0), $0.1) }), info)
  }

  /// The term of a tree with these layers.
  static func tree(_ layers: [(String, [UInt8])]) -> [UInt8] { [131] + map(layers) }

  /// A file with the tensors `layer.a`, `layer.b`, … and `dataBytes` zeros. The tuple of the first is
  /// at byte 102, that of its shape at byte 107.
  static func tensors(_ leaves: Leaf..., dataBytes: Int = 0) -> NxFile {
    let names = "abcdefgh".map(String.init)
    let layer = map(zip(names, leaves).map { ($0, $1.node) })
    return NxFile(
      tree: tree([("layer", layer)]), data: [UInt8](repeating: 0, count: dataBytes))
  }
}
