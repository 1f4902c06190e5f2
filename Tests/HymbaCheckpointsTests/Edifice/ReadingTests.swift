import HymbaCheckpoints
import HymbaFormat
import Testing

@Suite struct ReadingTests {
  static let types: [(kind: String, bits: Int, type: ElementType)] = [
    ("f", 64, .float64), ("f", 32, .float32), ("f", 16, .float16), ("bf", 16, .bfloat16),
    ("f", 8, .float8E5M2), ("f8_e4m3fn", 8, .float8E4M3), ("s", 64, .int64), ("s", 32, .int32),
    ("s", 16, .int16), ("s", 8, .int8), ("u", 64, .uint64), ("u", 32, .uint32), ("u", 16, .uint16),
    ("u", 8, .uint8),
  ]

  @Test(arguments: types)
  func everyElementTypeHasItsCounterpart(_ kind: String, _ bits: Int, _ type: ElementType) throws {
    let tensor = try #require(
      open(.tensors(.init([3], kind, bits), dataBytes: 3 * bits / 8)).source.tensors.first)
    #expect(tensor.type == type)
    #expect(tensor.shape.dimensions == [3])
  }

  @Test(arguments: types)
  func bigEndianDataIsTurnedAround(_ kind: String, _ bits: Int, _ type: ElementType) throws {
    let width = bits / 8
    var file = NxFile.tensors(.init([3], kind, bits))
    file.byteOrder = 1
    file.data = (0..<UInt8(3 * width)).map { $0 }
    let (source, temporary) = try open(file)
    defer { withExtendedLifetime(temporary) {} }
    let tensor = try #require(source.tensors.first)
    let expected = (0..<3).flatMap { element in
      (0..<width).reversed().map { UInt8(element * width + $0) }
    }
    for begin in 0...expected.count {
      for end in begin...expected.count {
        #expect(try source.bytes(of: tensor, begin..<end) == Array(expected[begin..<end]))
      }
    }
  }

  @Test func scalarsAndTensorsWithoutElementsAreRead() throws {
    var file = NxFile.tensors(
      .init([3, 0], at: 12), .init([2], at: 4), .init([0, 5], at: 4), .init([]))
    file.data = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]
    let (source, temporary) = try open(file)
    defer { withExtendedLifetime(temporary) {} }
    #expect(source.tensors.map(\.shape.dimensions) == [[], [0, 5], [2], [3, 0]])
    #expect(
      try source.tensors.map { try source.bytes(of: $0) } == [
        [1, 2, 3, 4], [], [5, 6, 7, 8, 9, 10, 11, 12], [],
      ])
  }

  @Test func tensorsFollowTheirOffsetsAndNotTheTree() throws {
    let offsets = (0..<40).map { $0 * 7 % 40 * 4 }
    let layers = offsets.enumerated().map { layer, offset in
      ("layer_\(layer)", NxFile.map([("kernel", NxFile.Leaf([1], at: offset).node)]))
    }
    let data = (0..<160).map { UInt8($0) }
    let (source, temporary) = try open(NxFile(tree: NxFile.tree(layers), data: data))
    defer { withExtendedLifetime(temporary) {} }
    #expect(source.tensors.count == 40)
    for (position, tensor) in source.tensors.enumerated() {
      let layer = try #require(offsets.firstIndex(of: position * 4))
      #expect(tensor.name == "layer_\(layer).kernel")
      #expect(try source.bytes(of: tensor) == Array(data[position * 4..<position * 4 + 4]))
    }
  }

  @Test func namesMayBeAtomsAndNestDeeper() throws {
    let inner = NxFile.map([("c", NxFile.Leaf([]).node)])
    let middle = Erlang.tuple(
      Erlang.oldAtom("Elixir.Nx.Container.Map"),
      [108, 0, 0, 0, 1] + Erlang.tuple(Erlang.oldAtom("b"), inner) + [106], Erlang.atom("ok"))
    let file = NxFile(tree: NxFile.tree([("a", middle)]), data: [0, 0, 0, 0])
    #expect(try open(file).source.tensors.map(\.name) == ["a.b.c"])
  }

  @Test func offsetsBeyond32BitsAreRead() throws {
    let file = NxFile.tensors(.init([1 << 33], "u", 8), .init([1], "u", 8, at: 1 << 33))
    let (source, temporary) = try open(file, length: file.bytes.count + 1 << 33 + 1)
    try temporary.write([7], at: file.bytes.count + 1 << 33)
    #expect(try source.bytes(of: source.tensors[1]) == [7])
  }

  /// The data has 256 GiB, all of it a hole in the file.
  @Test func openingDoesNotReadTheData() throws {
    let file = NxFile.tensors(.init([1 << 36]))
    let (source, _) = try open(file, length: file.bytes.count + 1 << 38)
    #expect(source.tensors.totalBytes == 1 << 38)
  }

  @Test func aRangeOutsideTheTensorIsRefused() throws {
    let (source, temporary) = try open(.tensors(.init([2]), .init([2], at: 8), dataBytes: 16))
    defer { withExtendedLifetime(temporary) {} }
    let error = #expect(throws: FormatError.self) {
      try source.bytes(of: source.tensors[0], 4..<9)
    }
    #expect(error?.description == "bytes 4..<9 were asked of “layer.a”, which has 8")
  }

  @Test func aTensorOfAnotherFileIsRefused() throws {
    let (source, temporary) = try open(.tensors(.init([2]), dataBytes: 8))
    defer { withExtendedLifetime(temporary) {} }
    let other = try TensorDescriptor(name: "other", type: .float32, dimensions: [2])
    let error = #expect(throws: FormatError.self) { try source.bytes(of: other) }
    #expect(error?.description == "there is no tensor “other”")
    #expect(error?.kind == .unreadable)
  }

  private func open(
    _ file: NxFile, length: Int? = nil
  ) throws -> (source: EdificeSource, file: TemporaryFile) {
    let temporary = try TemporaryFile(file.bytes)
    if let length { try temporary.truncate(to: length) }
    return (try EdificeSource(temporary.path), temporary)
  }
}
