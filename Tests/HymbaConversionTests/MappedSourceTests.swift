import HymbaFormat
import HymbaModel
import TestSupport
import Testing

@testable import HymbaConversion

@Suite("Tensors under other names")
struct MappedSourceTests {
  private let source: MemorySource

  init() throws {
    source = try MemorySource([
      .init("a", .uint16, [2, 3], Array(0..<12)), .init("b", .uint16, [1, 3], Array(100..<106)),
      .init("c", .uint16, [2, 3], Array(0..<12)),
    ])
  }

  /// Every move that keeps the order of elements, with what each of its targets holds.
  private static let moves: [(Move, [[UInt8]])] = [
    (
      Move(sources: ["a", "b"], targets: ["x"], steps: [.join(axis: 0, sizes: [2, 1])]),
      [Array(0..<12) + Array(100..<106)]
    ),
    (
      Move(sources: ["a"], targets: ["x", "y"], steps: [.split(axis: 0, sizes: [1, 1])]),
      [Array(0..<6), Array(6..<12)]
    ),
    (
      Move(
        sources: ["a"], targets: ["x", "y", "z"],
        steps: [.reshape(from: [2, 3], to: [3, 2]), .unstack(3)]),
      [Array(0..<4), Array(4..<8), Array(8..<12)]
    ),
    (
      Move(sources: ["a", "c"], targets: ["x"], steps: [.stack(2)]),
      [Array(0..<12) + Array(0..<12)]
    ),
    (Move(sources: ["a", "c"], targets: ["x"], steps: [.same(2)]), [Array(0..<12)]),
    (
      Move(sources: ["a"], targets: ["x", "y"], steps: [.repeat(2)]),
      [Array(0..<12), Array(0..<12)]
    ),
    (
      Move(sources: ["a"], targets: ["x"], steps: [.permute([1, 0])]),
      [[0, 1, 6, 7, 2, 3, 8, 9, 4, 5, 10, 11]]
    ),
  ]

  @Test("any range of a tensor is what that range of the whole is", arguments: moves.indices)
  func ranges(_ index: Int) throws {
    let (move, expected) = Self.moves[index]
    let mapped = try MappedSource(source, moves: [move], carried: [])
    for (name, whole) in zip(move.targets, expected) {
      let tensor = try #require(mapped.tensors[name])
      #expect(tensor.byteCount == whole.count)
      for start in 0...whole.count {
        for end in start...whole.count {
          let part = try [UInt8](count: end - start) {
            try mapped.read(tensor, from: start, into: &$0)
          }
          #expect(part == Array(whole[start..<end]), "\(start)..<\(end)")
        }
      }
    }
  }

  /// The moves of a layout with these rules, for a head, a final norm and one layer of attention.
  private func planned(_ rules: String) throws -> [Move] {
    let layout = try Layout(
      json: Array(
        #"{"name":"own","title":"own","configuration":"architecture","signature":["a"],"rules":[\#(rules)]}"#
          .utf8))
    let architecture = try Architecture(
      input: .tokens(vocabularySize: 6), hiddenSize: 4,
      norm: .init(kind: .rmsNorm, epsilon: 1e-6), metaTokens: .none,
      layers: [
        .init(
          mixer: .attention(
            attention: .init(
              heads: 1, keyValueHeads: 1, keyHeadSize: 4, valueHeadSize: 4, biases: [])),
          feedForward: .none)
      ], output: .logits)
    return try LayoutPlan(
      layout, NameVariant(), architecture, ParameterInventory(architecture),
      isPresent: { _ in true }
    ).moves
  }

  @Test("copies of a kernel are compared before it is turned, so that bands of it can be made")
  func turnedCopies() throws {
    let moves = try planned(
      #"{"from":["a","b"],"to":["lm_head.weight"],"steps":[{"permute":[1,0]},{"same":true}]}"#)
    #expect(moves.map(\.steps) == [[.same(2), .permute([1, 0])]])
  }

  @Test("{name} behind a beginning stands for the names that begin so")
  func namesBehindABeginning() throws {
    let moves = try planned(
      #"{"from":["a"],"to":["lm_head.weight"]},{"from":["decoder.{name}"],"to":["final_{name}"]}"#)
    #expect(
      moves == [
        Move(sources: ["a"], targets: ["lm_head.weight"], steps: []),
        Move(sources: ["decoder.norm.weight"], targets: ["final_norm.weight"], steps: []),
      ])
  }

  /// Moves of every step that changes the order, alone and behind one another, with equal sources and targets.
  private static let reordering: [(shapes: [[Int]], steps: [TransformStep], targets: Int)] = [
    ([[6, 10]], [.permute([1, 0])], 1),
    ([[4, 3, 5]], [.permute([2, 0, 1])], 1),
    ([[4, 3, 5]], [.permute([1, 0, 2])], 1),
    (
      [[12, 7]],
      [
        .reshape(from: [12, 7], to: [6, 2, 7]), .permute([1, 0, 2]),
        .reshape(from: [2, 6, 7], to: [12, 7]),
      ], 1
    ),
    ([[3, 2, 5], [3, 4, 5], [3, 1, 5]], [.join(axis: 1, sizes: [2, 4, 1])], 1),
    ([[3, 7, 5]], [.split(axis: 1, sizes: [2, 4, 1])], 3),
    ([[6, 10]], [.permute([1, 0]), .split(axis: 0, sizes: [7, 3])], 2),
    ([[4, 6], [4, 6]], [.stack(2), .permute([0, 2, 1])], 1),
    ([[3, 4, 6]], [.permute([0, 2, 1]), .unstack(3)], 3),
    ([[4, 6], [4, 6]], [.same(2), .permute([1, 0])], 1),
    ([[2, 3, 40]], [.permute([1, 0, 2])], 1),
    ([[2, 3, 37]], [.permute([1, 0, 2])], 1),
    ([[4, 6]], [.permute([1, 0]), .repeat(2)], 2),
  ]

  @Test(
    "a large tensor made band by band is what it is made whole, whatever the step and the type",
    arguments: reordering.indices, [ElementType.uint8, .bfloat16, .float64])
  func bands(_ index: Int, _ type: ElementType) throws {
    let (shapes, steps, targetCount) = Self.reordering[index]
    let isSame = if case .same? = steps.first { true } else { false }
    let source = try MemorySource(
      shapes.enumerated().map { number, shape in
        let count = shape.reduce(type.byteSize, *)
        return .init(
          "s\(number)", type, shape,
          (0..<count).map { UInt8(truncatingIfNeeded: $0 * 7 + (isSame ? 0 : number * 131)) })
      })
    let move = Move(
      sources: shapes.indices.map { "s\($0)" }, targets: (0..<targetCount).map { "t\($0)" },
      steps: steps)
    let whole = try move.apply(source)
    for limit in [1, 24, 50] {
      let mapped = try MappedSource(source, moves: [move], carried: [], wholeBytes: limit)
      for (number, expected) in whole.enumerated() {
        let tensor = try #require(mapped.tensors["t\(number)"])
        #expect(tensor.shape.dimensions == expected.dimensions)
        #expect(try mapped.bytes(of: tensor) == expected.bytes, "limit \(limit)")
      }
    }
  }

  @Test("copies that differ are refused in bands, too")
  func bandedCopies() throws {
    let other = try MemorySource(copying: source, changing: ["c": Array(0..<11) + [0]])
    let move = Move(sources: ["a", "c"], targets: ["x"], steps: [.same(2), .permute([1, 0])])
    let mapped = try MappedSource(other, moves: [move], carried: [], wholeBytes: 1)
    #expect {
      _ = try mapped.bytes(of: #require(mapped.tensors["x"]))
    } throws: {
      "\($0)" == "“a” and “c” should be the same tensor, but their bytes differ"
    }
  }

  @Test("what keeps its order is not made whole, what is permuted is")
  func passages() {
    let passages = Self.moves.map(\.0.passage)
    #expect(
      passages == [
        .concatenation, .concatenation, .concatenation, .concatenation, .equalSources,
        .repeatedSource, .whole,
      ])
    let columns = Move(
      sources: ["a", "c"], targets: ["x"], steps: [.join(axis: 1, sizes: [3, 3])])
    let mixed = Move(
      sources: ["a", "c"], targets: ["x"], steps: [.same(2), .reshape(from: [2, 3], to: [6])])
    #expect(columns.passage == .whole && mixed.passage == .whole)
  }

  @Test(
    "a copy that differs is refused in the range where it does, wherever it is among the copies")
  func copies() throws {
    let other = try MemorySource(copying: source, changing: ["c": Array(0..<11) + [0]])
    let move = Move(sources: ["a", "c"], targets: ["x"], steps: [.same(2)])
    let mapped = try MappedSource(other, moves: [move], carried: [])
    let tensor = try #require(mapped.tensors["x"])
    _ = try [UInt8](count: 11) { try mapped.read(tensor, from: 0, into: &$0) }
    #expect {
      try [UInt8](count: 1) { try mapped.read(tensor, from: 11, into: &$0) }
    } throws: {
      "\($0)" == "“a” and “c” should be the same tensor, but their bytes differ"
    }
  }

  @Test("elements that share bytes are moved together and never rearranged")
  func packed() throws {
    let source = try MemorySource([
      .init("a", .float4, [2, 4], [1, 2, 3, 4]), .init("b", .float8E8M0, [2, 2], [1, 2, 3, 4]),
    ])
    let split = Move(
      sources: ["a"], targets: ["x", "y"], steps: [.split(axis: 0, sizes: [1, 1])])
    let mapped = try MappedSource(source, moves: [split], carried: [])
    #expect(try mapped.bytes(of: #require(mapped.tensors["y"])) == [3, 4])
    let turn = Move(sources: ["a"], targets: ["x"], steps: [.permute([1, 0])])
    #expect(throws: ConversionError.cannotRearrange("a", .float4)) {
      _ = try MappedSource(source, moves: [turn], carried: [])
    }
    let whole = try MappedSource(
      source, moves: [Move(sources: ["b"], targets: ["x"], steps: [.permute([1, 0])])], carried: [])
    #expect(try whole.bytes(of: whole.tensors[0]) == [1, 3, 2, 4])
  }

  @Test("names that differ only in their Unicode form are each read from their own source")
  func equivalentNames() throws {
    let source = try MemorySource([
      .init("\u{E9}", .uint8, [1], [1]), .init("e\u{301}", .uint8, [1], [2]),
    ])
    let mapped = try MappedSource(
      source, moves: [Move(sources: ["e\u{301}"], targets: ["x"], steps: [])], carried: ["\u{E9}"])
    #expect(try mapped.tensors.map { try mapped.bytes(of: $0) } == [[2], [1]])
  }

  @Test("a renamed tensor is read as the one that it comes from, under its own name and shape")
  func reading() throws {
    let folder = try TemporaryFolder()
    let path = folder.file("c.hymba")
    try ContainerWriter(compression: .zstd, jobs: 1, replace: false, creator: "a test").write(
      MemorySource([
        .init("a", .uint8, [2000], [UInt8](repeating: 3, count: 2000)),
        .init("b", .uint8, [2], [1, 2]),
      ]),
      CheckpointDescription(
        architecture: nil, layout: .verbatim, configuration: nil, metadata: [:], files: [],
        assumptions: [], carried: []), to: path)
    let container = try ContainerSource(path)
    let mapped = try MappedSource(
      container,
      moves: [
        Move(sources: ["a"], targets: ["x"], steps: [.reshape(from: [2000], to: [20, 100])])
      ], carried: ["b"])
    let tensor = try #require(mapped.tensors["x"])
    let original = try container.reading(of: #require(container.tensors["a"]), .whole)
    let reading = try mapped.reading(of: tensor, .whole)
    #expect(reading.tensor == tensor && reading.windowBytes == original.windowBytes)
    #expect(reading.isCompared && reading.readsWholeWindows)
    #expect(try mapped.reading(of: #require(mapped.tensors["b"]), .whole).isCompared)
    let bytes = try [UInt8](count: 2000) { try reading.read(from: 0, into: &$0) }
    #expect(bytes == [UInt8](repeating: 3, count: 2000))
    let turned = try MappedSource(
      source, moves: [Move(sources: ["a"], targets: ["x"], steps: [.permute([1, 0])])], carried: [])
    let made = try turned.reading(of: #require(turned.tensors["x"]), .whole)
    #expect(
      try [UInt8](count: 12) { try made.read(from: 0, into: &$0) }
        == [0, 1, 6, 7, 2, 3, 8, 9, 4, 5, 10, 11])
  }
}
