import Testing

/// Items 7 and 8 of what a reader must refuse: the tree and its tensors.
@Suite struct TreeRefusalTests {
  typealias Leaf = NxFile.Leaf

  @Test(arguments: [
    Refusal(
      "a tuple container",
      NxFile(tree: [131] + NxFile.map([], module: "Elixir.Nx.Container.Tuple")),
      "the container “Elixir.Nx.Container.Tuple” at byte 20 is not supported; only Elixir.Nx.Container.Map is"
    ),
    Refusal(
      "a module to be called",
      NxFile(tree: NxFile.tree([("a", NxFile.map([], module: "Elixir.System"))])),
      "the container “Elixir.System” at byte 60 is not supported; only Elixir.Nx.Container.Map is"),
    Refusal(
      "info that is not ok", NxFile(tree: [131] + NxFile.map([], info: Erlang.atom("no"))),
      "expected the atom “ok” at byte 46, found the atom “no”"),
    Refusal(
      "a tree that is a tensor", NxFile(tree: [131] + Leaf([]).node, data: [0, 0, 0, 0]),
      "expected a map of layers at byte 18, found a tuple of 7"),
    Refusal(
      "a tree that is a list", NxFile(tree: [131, 106]),
      "expected a map of layers at byte 18, found an empty list"),
    Refusal(
      "a node of four",
      NxFile(tree: NxFile.tree([("a", Erlang.tuple([106], [106], [106], [106]))])),
      "expected a map or a tensor at byte 58, found a tuple of 4"),
    Refusal(
      "a node that is no tuple", NxFile(tree: NxFile.tree([("a", Erlang.integer(5))])),
      "expected a map or a tensor at byte 58, found the integer 5"),
    Refusal(
      "layers that are a map",
      NxFile(
        tree: [131]
          + Erlang.tuple(Erlang.atom("Elixir.Nx.Container.Map"), Erlang.map([]), Erlang.atom("ok"))),
      "expected a list of keys and nodes at byte 45, found a map of 0"),
    Refusal(
      "a pair of three",
      NxFile(
        tree: [131]
          + Erlang.tuple(
            Erlang.atom("Elixir.Nx.Container.Map"), Erlang.list(Erlang.tuple([106], [106], [106])),
            Erlang.atom("ok"))),
      "expected a key and a node at byte 50, found a tuple of 3"),
    Refusal(
      "a name that is a number",
      NxFile(
        tree: [131]
          + Erlang.tuple(
            Erlang.atom("Elixir.Nx.Container.Map"),
            Erlang.list(Erlang.tuple(Erlang.integer(1), Leaf([]).node)), Erlang.atom("ok"))),
      "expected a name at byte 52, found the integer 1"),
    Refusal(
      "a name that is not UTF-8",
      NxFile(
        tree: [131]
          + Erlang.tuple(
            Erlang.atom("Elixir.Nx.Container.Map"),
            Erlang.list(Erlang.tuple(Erlang.binary([0xFF]), Leaf([]).node)), Erlang.atom("ok"))),
      "the text at byte 52 is not UTF-8"),
    Refusal(
      "bytes after the tree", NxFile(tree: NxFile.tree([]) + [106]),
      "1 bytes after the term, from byte 50 on, belong to nothing"),
    Refusal(
      "a list that does not end",
      .tensors(
        Leaf([1]).with { $0.names = [108, 0, 0, 0, 1] + Erlang.atom("nil") + [97, 0] }, dataBytes: 4
      ),
      "the list at byte 118 does not end with an empty list"),
    Refusal(
      "a function among the names",
      .tensors(Leaf([1]).with { $0.names = Erlang.list([112, 0]) }, dataBytes: 4),
      "the tag 112 (function) at byte 123 is not allowed in a checkpoint"),
    Refusal(
      "flat names that are equal",
      NxFile(
        tree: NxFile.tree([
          ("a", NxFile.map([("b.c", Leaf([]).node)])),
          ("a.b", NxFile.map([("c", Leaf([], at: 4).node)])),
        ]), data: [UInt8](repeating: 0, count: 8)),
      "at byte 175: the tensor “a.b.c” is listed twice"),
  ])
  func rejects(_ refused: Refusal) throws {
    let message = try refusal(of: refused.bytes)
    #expect(message == refused.message)
  }

  @Test(arguments: [
    ("", "“” has an empty part"), ("..", "“..” could be taken for a path"),
    (".", "“.” could be taken for a path"), ("/etc/x", "“/etc/x” could be taken for a path"),
    ("a\\b", "“a\\b” could be taken for a path"), ("a\u{0}", "“a\\u{0}” has control characters"),
    ("a\u{202E}", "“a\\u{202e}” has control characters"),
  ])
  func rejectsAName(_ name: String, _ problem: String) throws {
    let file = NxFile(tree: NxFile.tree([(name, Leaf([]).node)]), data: [0, 0, 0, 0])
    #expect(try refusal(of: file.bytes) == "at byte 52: the tensor name \(problem)")
  }

  /// Of a layer, which is compared before there is a tensor.
  @Test func rejectsANameThatTakesTooLongToCompare() throws {
    for (marks, isRefused) in [(256, false), (257, true)] {
      let name = "a" + String(repeating: "\u{301}", count: marks)
      let file = NxFile(tree: NxFile.tree([(name, NxFile.map([]))]))
      #expect(
        try refusal(of: file.bytes)
          == (isRefused
            ? "at byte 52: the tensor name “\(name)” has more than 256 combining marks in a row"
            : nil))
    }
  }

  @Test func rejectsANameThatGrowsTooLong() throws {
    let part = String(repeating: "n", count: 2048)
    let file = NxFile(tree: NxFile.tree([(part, NxFile.map([(part, Leaf([]).node)]))]))
    #expect(
      try refusal(of: file.bytes)
        == "at byte 2139: the tensor name “\(part.prefix(64))” is longer than 4096 bytes")
  }

  @Test(arguments: [
    Refusal(
      "another first atom",
      NxFile(
        tree: NxFile.tree([
          ("a", Erlang.tuple(Erlang.atom("u"), [106], [106], [106], [106], [106], [106]))
        ])), "expected the atom “t” at byte 60, found the atom “u”"),
    Refusal(
      "a shape that is a list", .tensors(Leaf([]).with { $0.shape = [106] }),
      "expected a shape at byte 107, found an empty list"),
    Refusal(
      "a dimension that is a float",
      .tensors(Leaf([1]).with { $0.shape = Erlang.tuple(Erlang.float(2)) }),
      "expected a dimension at byte 109, found the float 2.0"),
    Refusal(
      "a negative dimension",
      .tensors(Leaf([-1]).with { $0.size = Erlang.integer(4) }, dataBytes: 4),
      "at byte 102: the shape [-1] of the tensor “layer.a” has a negative dimension"),
    Refusal(
      "a product beyond 63 bits", .tensors(Leaf([1 << 40, 1 << 40])),
      "at byte 102: the shape [1099511627776, 1099511627776] of the tensor “layer.a” has more elements than 63 bits count"
    ),
    Refusal(
      "a size beyond 63 bits", .tensors(Leaf([1 << 62])),
      "at byte 102: the shape [4611686018427387904] of the tensor “layer.a” has more bytes than 63 bits count"
    ),
    Refusal(
      "33 dimensions", .tensors(Leaf([Int](repeating: 1, count: 33)), dataBytes: 4),
      "the tensor “layer.a” at byte 107 has 33 dimensions; at most 32 are accepted"),
    Refusal(
      "fewer names than dimensions",
      .tensors(Leaf([1, 1]).with { $0.names = Erlang.list(Erlang.atom("nil")) }, dataBytes: 4),
      "the tensor “layer.a” at byte 102 has 1 axis names for 2 dimensions"),
    Refusal(
      "a name that is no atom",
      .tensors(Leaf([1]).with { $0.names = Erlang.list(Erlang.integer(1)) }, dataBytes: 4),
      "expected an axis name at byte 123, found the integer 1"),
    Refusal(
      "vectorized axes",
      .tensors(
        Leaf([1]).with {
          $0.axes = Erlang.list(Erlang.tuple(Erlang.atom("x"), Erlang.integer(1)))
        }, dataBytes: 4),
      "the tensor “layer.a” at byte 102 has vectorized axes, which are not supported"),
    Refusal(
      "a size that is too small",
      .tensors(Leaf([3]).with { $0.size = Erlang.integer(8) }, dataBytes: 8),
      "at byte 102: the tensor “layer.a” has 8 bytes, but F32 [3] needs 12"),
    Refusal(
      "a size that is too large",
      .tensors(Leaf([3]).with { $0.size = Erlang.integer(16) }, dataBytes: 16),
      "at byte 102: the tensor “layer.a” has 16 bytes, but F32 [3] needs 12"),
    Refusal(
      "a negative offset", .tensors(Leaf([1], at: -4), dataBytes: 4),
      "at byte 102: the tensor “layer.a” begins at -4, before the data"),
    Refusal(
      "a negative size", .tensors(Leaf([1]).with { $0.size = Erlang.integer(-4) }, dataBytes: 4),
      "at byte 102: the tensor “layer.a” ends at -4, before it begins at 0"),
    Refusal(
      "an end beyond 63 bits", .tensors(Leaf([1], at: .max), dataBytes: 4),
      "at byte 102: the tensor “layer.a” ends at -9223372036854775805, before it begins at 9223372036854775807"
    ),
    Refusal(
      "an offset beyond 63 bits",
      .tensors(Leaf([1]).with { $0.offset = [110, 8, 0] + [UInt8](repeating: 0xFF, count: 8) }),
      "the integer at byte 130 does not fit in 64 bits"),
    Refusal(
      "a gap before a tensor", .tensors(Leaf([1], at: 4), dataBytes: 8),
      "at byte 102: bytes 0..<4 before the tensor “layer.a” belong to no tensor"),
    Refusal(
      "two tensors over one range", .tensors(Leaf([2]), Leaf([2]), dataBytes: 8),
      "at byte 142: the tensor “layer.b” begins at 0, inside the tensor before it, which ends at 8"),
    Refusal(
      "a tensor beyond the file", .tensors(Leaf([2]), Leaf([1], at: 8), dataBytes: 11),
      "at byte 184: the tensor “layer.b” ends at byte 12 of the data, but the file holds 11"),
    Refusal(
      "bytes after the last tensor", .tensors(Leaf([2]), dataBytes: 9),
      "at byte 152: 1 bytes at the end of the file belong to no tensor"),
  ])
  func rejectsATensor(_ refused: Refusal) throws {
    let message = try refusal(of: refused.bytes)
    #expect(message == refused.message)
  }

  @Test(arguments: [
    ("c", 64), ("c", 128), ("s", 2), ("s", 4), ("u", 2), ("u", 4), ("f", 128), ("bf", 32), ("q", 8),
    ("f8_e4m3fn", 16), ("s", 0), ("s", -8),
  ])
  func rejectsAnElementTypeByName(_ kind: String, _ bits: Int) throws {
    let file = NxFile.tensors(Leaf([8], kind, bits), dataBytes: 8 * max(0, bits) / 8)
    #expect(
      try refusal(of: file.bytes)
        == "at byte 111: the tensor “layer.a” has the element type “{\(kind), \(bits)}”, which is not supported"
    )
  }
}
