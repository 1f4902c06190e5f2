import Testing

/// Items 1 and 3 of what a reader must refuse: the outer file and the container's header.
@Suite struct HeaderRefusalTests {
  @Test(arguments: [
    Refusal(
      "an empty file", [], "not an Edifice checkpoint: it has 0 bytes, and the header alone takes 5"
    ),
    Refusal(
      "four bytes", [0, 0, 0, 0],
      "not an Edifice checkpoint: it has 4 bytes, and the header alone takes 5"),
    Refusal(
      "an unknown flag", NxFile(flag: 2),
      "not an Edifice checkpoint: byte 0 is 2, and must be 0 (stored) or 1 (zlib)"),
    Refusal(
      "metadata beyond the file", [0, 0xFF, 0xFF, 0xFF, 0xFF] + [131, 106],
      "byte 1 declares 4294967295 bytes of metadata, but the file has 7"),
    Refusal(
      "metadata one byte too long", [0, 0, 0, 0, 3] + [131, 106],
      "byte 1 declares 3 bytes of metadata, but the file has 7"),
    Refusal(
      "no section", [0, 0, 0, 0, 0],
      "the tensor section at byte 5 has 0 bytes, and its header alone takes 12"),
    Refusal(
      "a compressed section of nothing", [1, 0, 0, 0, 0],
      "the tensor section at byte 0 after inflating has 0 bytes, and its header alone takes 12"),
    Refusal(
      "half a header", Array(NxFile().bytes.prefix(16)),
      "the tensor section at byte 5 has 11 bytes, and its header alone takes 12"),
    Refusal(
      "no magic", NxFile(metadata: [131, 106], magic: Array("ny".utf8)),
      "the tensor section at byte 7 does not begin with “nx”"),
    Refusal(
      "another version", NxFile(version: 2),
      "the tensor section has the version 2 at byte 7; only version 1 is known"),
    Refusal(
      "another byte order", NxFile(byteOrder: 2),
      "the byte order at byte 8 is 2, and must be 0 (little-endian) or 1 (big-endian)"),
    Refusal(
      "a tree beyond the file", NxFile(declaredTreeBytes: NxFile().tree.count + 1),
      "the tensor section declares a tree of 34 bytes at byte 9, but at most 33 follow"),
    Refusal(
      "a tree of 2^64 - 1 bytes", NxFile(declaredTreeBytes: -1),
      "the tensor section declares a tree of 18446744073709551615 bytes at byte 9, but at most 33 follow"
    ),
    Refusal(
      "the container of Nx 0.5",
      [0, 0, 0, 0, 0, 131]
        + Erlang.tuple(
          Erlang.integer(1), Erlang.atom("little"), Erlang.tuple(Erlang.atom("tensor"))),
      "the tensor section at byte 5 is the container of Nx 0.5 and earlier, which is not supported"),
    Refusal(
      "a tree compressed by Nx", NxFile(tree: [131, 80, 0, 0, 0, 9, 0x78, 0x9C]),
      "the tag 80 (compressed term) at byte 18 is not allowed in a checkpoint"),
    Refusal(
      "a tree that is no term", NxFile(tree: [130, 106]),
      "no external term begins at byte 17: the byte there is 130 instead of 131"),
    Refusal(
      "an empty tree", NxFile(tree: []),
      "the term ends early: 1 bytes were expected at byte 17, and 0 are left"),
  ])
  func rejects(_ refused: Refusal) throws {
    let message = try refusal(of: refused.bytes)
    #expect(message == refused.message)
  }

  /// The sizes are holes in the file: what is refused is their declaration.
  @Test func rejectsMetadataAndTreesAboveTheirLimits() throws {
    let size = 64 << 20 + 1
    let metadata = try TemporaryFile([0] + Erlang.bigEndian(size, 4) + [131])
    try metadata.truncate(to: size + 100)
    #expect(
      metadata.refusal
        == "byte 1 declares 67108865 bytes of metadata; at most 67108864 are accepted")
    let tree = try TemporaryFile(NxFile(declaredTreeBytes: size).bytes)
    try tree.truncate(to: size + 100)
    #expect(
      tree.refusal
        == "the tensor section declares a tree of 67108865 bytes at byte 9; at most 67108864 are accepted"
    )
  }
}
