import HymbaCheckpoints
import HymbaFormat
import Testing

/// Item 5 of what a reader must refuse, and reading without keeping what was inflated.
@Suite struct ZlibTests {
  static let file = NxFile.tensors(.init([4]), .init([4], at: 16), dataBytes: 32)
  static let stream = ZlibStream.of(file.section)
  static let badChecksum = Array(stream.dropLast() + [stream.last.map { $0 ^ 1 } ?? 0])
  static let longFile = NxFile.tensors(.init([300_000], "u", 8))
  static let total = file.section.count

  @Test(arguments: [
    Refusal(
      "what is no zlib stream", file.bytes(withSection: file.section),
      "the zlib stream at byte 5 is damaged: incorrect header check"),
    Refusal(
      "a wrong checksum", file.bytes(withSection: badChecksum),
      "the zlib stream at byte 5 is damaged: incorrect data check"),
    Refusal(
      "a stream without its checksum", file.bytes(withSection: stream.dropLast(4)),
      "the zlib stream at byte 5 is cut short by the end of the file"),
    Refusal(
      "a stream cut in the data", file.bytes(withSection: stream.dropLast(20)),
      "the zlib stream at byte 5 is cut short by the end of the file"),
    Refusal(
      "bytes after the stream", file.bytes(withSection: stream + [0, 0]),
      "the zlib stream at byte 5 is followed by 2 bytes that belong to nothing"),
    Refusal(
      "a second stream", file.bytes(withSection: stream + stream),
      "the zlib stream at byte 5 is followed by \(stream.count) bytes that belong to nothing"),
    Refusal(
      "less data than declared", file.bytes(withSection: ZlibStream.of(file.section.dropLast(5))),
      "the zlib stream at byte 5 ends after \(total - 5) inflated bytes, and \(total) are needed"),
    Refusal(
      "far less data than declared",
      longFile.bytes(withSection: ZlibStream.of(longFile.section, zeros: 100_000)),
      "the zlib stream at byte 5 ends after \(longFile.section.count + 100_000) inflated bytes, and \(longFile.section.count + 300_000) are needed"
    ),
    Refusal(
      "a stream that ends in the header",
      file.bytes(withSection: ZlibStream.of(file.section.prefix(10))),
      "the zlib stream at byte 5 ends after 10 inflated bytes, and 12 are needed"),
    Refusal(
      "more data than declared", file.bytes(withSection: ZlibStream.of(file.section + [0])),
      "the zlib stream at byte 5 inflates to more than the \(total) bytes that the tree declares"),
    Refusal(
      "a stream with a dictionary", file.bytes(withSection: [0x78, 0xBB, 0, 0, 0, 1, 0, 0, 0, 0]),
      "the zlib stream at byte 5 is damaged: it needs a dictionary"),
    Refusal(
      "another container in the stream",
      file.bytes(withSection: ZlibStream.of(NxFile(version: 3).section)),
      "the tensor section has the version 3 at byte 2 after inflating; only version 1 is known"),
    Refusal(
      "the container of Nx 0.5 in the stream",
      file.bytes(withSection: ZlibStream.of([131] + file.section)),
      "the tensor section at byte 0 after inflating is the container of Nx 0.5 and earlier, which is not supported"
    ),
  ])
  func rejects(_ refused: Refusal) throws {
    let message = try refusal(of: refused.bytes)
    #expect(message == refused.message)
  }

  /// The stream has no end, so who inflates more than was declared would find it cut short.
  @Test func aBombIsRefusedAtItsFirstByteTooMany() throws {
    let bomb = ZlibStream.of(Self.file.section, zeros: 20_000_000, complete: false)
    #expect(
      try refusal(of: Self.file.bytes(withSection: bomb))
        == "the zlib stream at byte 5 inflates to more than the \(Self.total) bytes that the tree declares"
    )
  }

  @Test func aSizeThatNoStreamOfItsLengthCanHaveIsRefusedBeforeInflating() throws {
    let file = NxFile.tensors(.init([1 << 40]))
    let stream = ZlibStream.of(file.section, zeros: 500)
    let limit = stream.count * 1032 - file.section.count
    #expect(
      try refusal(of: file.bytes(withSection: stream))
        == "the zlib stream at byte 5 should hold 4398046511104 bytes of tensors, but one of its length holds at most \(limit)"
    )
    let tree = NxFile(declaredTreeBytes: 1 << 40)
    let treeStream = ZlibStream.of(tree.section)
    #expect(
      try refusal(of: tree.bytes(withSection: treeStream))
        == "the tensor section declares a tree of 1099511627776 bytes at byte 4 after inflating, but at most \(treeStream.count * 1032 - 12) follow"
    )
  }

  /// Within what deflate can hold, and far beyond what weights shrink to.
  @Test func aStreamThatClaimsTwoGigabytesInTwoMegabytesIsRefusedBeforeInflating() throws {
    let file = NxFile.tensors(.init([1 << 31], "u", 8))
    let stream =
      ZlibStream.of(file.section, zeros: 300_000, complete: false)
      + [UInt8](repeating: 0, count: 2_200_000)
    let bytes = file.bytes(withSection: stream)
    #expect(
      try refusal(of: bytes)
        == "it claims to hold 2147483648 bytes in a file of \(bytes.count), more than 200 times its size; no trained weights do"
    )
  }

  @Test func whatIsDamagedIsWrongAndWhatIsCutShortIsUnreadable() throws {
    let cases: [(section: [UInt8], kind: FailureKind)] = [
      (Self.badChecksum, .wrong), (ZlibStream.of(Self.file.section.dropLast(5)), .wrong),
      (ZlibStream.of(Self.file.section + [0]), .wrong), (Self.stream.dropLast(4), .unreadable),
      (Self.stream + [0, 0], .unreadable),
    ]
    for (section, kind) in cases {
      let temporary = try TemporaryFile(Self.file.bytes(withSection: section))
      let error = #expect(throws: EdificeError.self) { try EdificeSource(temporary.path) }
      #expect(error?.kind == kind, "\(error?.description ?? "")")
    }
    #expect(EdificeError.zlib(.outOfMemory, at: 0).kind == .inputOutput)
    #expect(
      EdificeError.zlib(.impossibleSize(declared: 2, limit: 1), at: 0).kind == .unreadable)
  }

  @Test func dataOfManyWindowsIsRead() throws {
    let random = SeededNumbers(seed: 7).bytes(300_000)
    let file = NxFile(
      tree: NxFile.tree([
        ("a", NxFile.Leaf([300_000], "u", 8).node),
        ("b", NxFile.Leaf([5_000_000], "u", 8, at: 300_000).node),
        ("c", NxFile.Leaf([1], "u", 8, at: 5_300_000).node),
      ]))
    let temporary = try TemporaryFile(
      file.bytes(withSection: ZlibStream.of(file.section + random, zeros: 5_000_001)))
    let source = try EdificeSource(temporary.path)
    #expect(try source.bytes(of: source.tensors[0]) == random)
    #expect(try source.bytes(of: source.tensors[2]) == [0])
    #expect(try source.bytes(of: source.tensors[1]).allSatisfy { $0 == 0 })
  }

  /// More of them than one read of the file holds.
  @Test func blocksWithoutOutputAreNotTheEnd() throws {
    let empty = [UInt8]([[UInt8]](repeating: [0, 0, 0, 0xFF, 0xFF], count: 30_000).joined())
    let stream = Self.stream.prefix(2) + empty + Self.stream.dropFirst(2)
    #expect(try refusal(of: Self.file.bytes(withSection: stream)) == nil)
  }

  /// The beginning of the stream is destroyed after the first read: a second one that follows it does
  /// not need the beginning any more, one that goes back does.
  @Test func readingInOrderDoesNotInflateTheBeginningAgain() throws {
    let file = NxFile.tensors(.init([1 << 18], "u", 8), .init([4], at: 1 << 18))
    let data = [UInt8](repeating: 7, count: 1 << 18 + 16)
    let temporary = try TemporaryFile(file.bytes(withSection: ZlibStream.of(file.section + data)))
    let source = try EdificeSource(temporary.path)
    #expect(try source.bytes(of: source.tensors[0], 0..<10) == Array(data.prefix(10)))
    try temporary.write([0x78, 0], at: 5)
    #expect(try source.bytes(of: source.tensors[0], 0..<0) == [])
    #expect(try source.bytes(of: source.tensors[0], 10..<20) == Array(data.prefix(10)))
    #expect(try source.bytes(of: source.tensors[1]) == Array(data.suffix(16)))
    for _ in 0..<2 {
      let error = #expect(throws: EdificeError.self) { try source.bytes(of: source.tensors[0]) }
      #expect(error == .zlib(.damaged("incorrect header check"), at: 5))
    }
  }

  /// As before, but as two threads ask that share out the windows of a tensor.
  @Test func readingAlmostInOrderDoesNotEither() throws {
    let file = NxFile.tensors(.init([1 << 18], "u", 8))
    let data = SeededNumbers(seed: 3).bytes(1 << 18)
    let temporary = try TemporaryFile(file.bytes(withSection: ZlibStream.of(file.section + data)))
    let source = try EdificeSource(temporary.path)
    let window = 1 << 13
    for pair in 0..<16 {
      for index in [2 * pair + 1, 2 * pair] {
        let range = index * window..<(index + 1) * window
        #expect(try source.bytes(of: source.tensors[0], range) == Array(data[range]))
      }
      if pair == 0 { try temporary.write([0x78, 0], at: 5) }
    }
  }

  @Test func anyOrderIsRightHoweverManyPlacesItNeeds() throws {
    let file = NxFile.tensors(.init([1 << 14], "u", 8))
    let data = SeededNumbers(seed: 4).bytes(1 << 14)
    let temporary = try TemporaryFile(file.bytes(withSection: ZlibStream.of(file.section + data)))
    let source = try EdificeSource(temporary.path)
    for start in (0..<64).reversed().map({ $0 << 8 }) + [300, 100, 9000] {
      #expect(
        try source.bytes(of: source.tensors[0], start..<start + 256)
          == Array(data[start..<start + 256]))
    }
  }

  /// The beginning of the stream is destroyed when it has been read backwards for a while: by then it was copied.
  @Test func readingBackwardsInflatesTheStreamAFewTimesOnly() throws {
    let file = NxFile.tensors(.init([1 << 14], "u", 8))
    let data = SeededNumbers(seed: 5).bytes(1 << 14)
    let temporary = try TemporaryFile(file.bytes(withSection: ZlibStream.of(file.section + data)))
    let source = try EdificeSource(temporary.path)
    for number in 0..<128 {
      let start = (127 - number) << 7
      #expect(
        try source.bytes(of: source.tensors[0], start..<start + 128)
          == Array(data[start..<start + 128]))
      if number == 8 { try temporary.write([0x78, 0], at: 5) }
    }
  }

  @Test func severalThreadsMayReadAtOnce() async throws {
    let compressed = try EdificeSource(EdificeFixture.compressed.path)
    let stored = try EdificeSource(EdificeFixture.stored.path)
    try await withThrowingTaskGroup { group in
      for tensor in compressed.tensors {
        group.addTask { try compressed.bytes(of: tensor) == stored.bytes(of: tensor) }
      }
      for try await isEqual in group { #expect(isEqual) }
    }
  }
}
