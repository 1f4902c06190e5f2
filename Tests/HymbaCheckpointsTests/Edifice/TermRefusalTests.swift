import Testing

/// Items 2, 4 and 6 of what a reader must refuse: external terms, here as metadata, whose first value is
/// at byte 6.
@Suite struct TermRefusalTests {
  @Test(arguments: [
    (112, "function"), (117, "function"), (113, "exported function"), (88, "process identifier"),
    (103, "process identifier"), (89, "port"), (102, "port"), (120, "port"), (90, "reference"),
    (101, "reference"), (114, "reference"), (77, "bit string"), (68, "distribution header"),
    (69, "distribution header"), (82, "atom cache reference"), (121, "local term"),
    (99, "float as text"), (111, "large integer"), (80, "compressed term"),
  ])
  func rejectsATagThatMayBeDangerousByName(_ tag: UInt8, _ name: String) throws {
    let file = NxFile.metadata(Erlang.list([tag] + [UInt8](repeating: 0, count: 40)))
    #expect(
      try refusal(of: file.bytes)
        == "the tag \(tag) (\(name)) at byte 11 is not allowed in a checkpoint")
  }

  @Test func rejectsEveryTagThatIsNotKnown() throws {
    let known: Set<UInt8> = [
      70, 97, 98, 100, 104, 105, 106, 107, 108, 109, 110, 115, 116, 118, 119,
    ]
    for tag in UInt8.min ... .max where !known.contains(tag) {
      let message = try refusal(of: NxFile.metadata([tag, 0, 0, 0, 0, 0]).bytes)
      #expect(message?.hasPrefix("the tag \(tag) (") == true)
      #expect(message?.hasSuffix(") at byte 6 is not allowed in a checkpoint") == true)
    }
  }

  @Test(arguments: [
    Refusal(
      "metadata that is no term", NxFile(metadata: [0, 106]),
      "no external term begins at byte 5: the byte there is 0 instead of 131"),
    Refusal(
      "an integer cut short", .metadata([98, 0, 0, 0]),
      "the term ends early: 4 bytes were expected at byte 7, and 3 are left"),
    Refusal(
      "a binary longer than the term", .metadata([109, 0xFF, 0xFF, 0xFF, 0xFF, 65]),
      "the term ends early: 4294967295 bytes were expected at byte 11, and 1 are left"),
    Refusal(
      "a list longer than the term", .metadata([108, 0, 0, 0, 3, 106, 106]),
      "the list at byte 6 declares 3 elements, but 2 bytes are left"),
    Refusal(
      "a list of 2^32 - 1 elements", .metadata([108, 0xFF, 0xFF, 0xFF, 0xFF, 106]),
      "the list at byte 6 declares 4294967295 elements, but 1 bytes are left"),
    Refusal(
      "a tuple longer than the term", .metadata([104, 2, 106]),
      "the tuple at byte 6 declares 2 elements, but 1 bytes are left"),
    Refusal(
      "a large tuple longer than the term", .metadata([105, 0xFF, 0xFF, 0xFF, 0xFF]),
      "the tuple at byte 6 declares 4294967295 elements, but 0 bytes are left"),
    Refusal(
      "a map longer than the term", .metadata([116, 0, 0, 0, 2, 106, 106, 106]),
      "the map at byte 6 declares 2 elements, but 3 bytes are left"),
    Refusal(
      "an improper list", .metadata([108, 0, 0, 0, 1, 106, 97, 1]),
      "the list at byte 6 does not end with an empty list"),
    Refusal(
      "a list whose tail is a list", .metadata([108, 0, 0, 0, 1, 106] + Erlang.list([106])),
      "the list at byte 6 does not end with an empty list"),
    Refusal(
      "bytes after the term", .metadata([106, 106, 106]),
      "2 bytes after the term, from byte 7 on, belong to nothing"),
    Refusal(
      "a key twice",
      .metadata(
        Erlang.map([
          (Erlang.atom("a"), [106]), (Erlang.binary("a"), [106]), (Erlang.oldAtom("a"), [106]),
        ])),
      "the map at byte 6 has the key “a” twice"),
    Refusal(
      "an infinite float", .metadata(Erlang.float(.infinity)),
      "the float at byte 6 is not a finite number"),
    Refusal(
      "a float that is no number", .metadata(Erlang.float(.nan)),
      "the float at byte 6 is not a finite number"),
    Refusal(
      "2^63", .metadata([110, 8, 0, 0, 0, 0, 0, 0, 0, 0, 0x80]),
      "the integer at byte 6 does not fit in 64 bits"),
    Refusal(
      "-2^63 - 1", .metadata([110, 8, 1, 1, 0, 0, 0, 0, 0, 0, 0x80]),
      "the integer at byte 6 does not fit in 64 bits"),
    Refusal(
      "2^64", .metadata([110, 9, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]),
      "the integer at byte 6 does not fit in 64 bits"),
    Refusal(
      "a sign of 2", .metadata([110, 1, 2, 5]),
      "the integer at byte 6 has the sign 2, and must have 0 or 1"),
    Refusal(
      "an atom of 256 characters", .metadata([100, 1, 0] + [UInt8](repeating: 65, count: 256)),
      "the atom at byte 6 has more than 255 characters"),
    Refusal(
      "an UTF-8 atom of 256 characters",
      .metadata([118, 1, 0] + [UInt8](repeating: 65, count: 256)),
      "the atom at byte 6 has more than 255 characters"),
    Refusal(
      "an atom that is not UTF-8", .metadata([119, 1, 0xFF]), "the text at byte 6 is not UTF-8"),
    Refusal(
      "65 levels", .metadata([UInt8]([[UInt8]](repeating: [104, 1], count: 65).joined()) + [106]),
      "the term at byte 136 is nested deeper than 64 levels"),
  ])
  func rejects(_ refused: Refusal) throws {
    let message = try refusal(of: refused.bytes)
    #expect(message == refused.message)
  }

  @Test func rejectsMoreThanAMillionValues() throws {
    let count = 1 << 20
    let list = [108] + Erlang.bigEndian(count, 4) + [UInt8](repeating: 106, count: count + 1)
    #expect(
      try refusal(of: NxFile.metadata(list).bytes)
        == "at byte 1048586 the term has more than 1048576 values")
    let string = [107, 0xFF, 0xFF] + [UInt8](repeating: 0, count: 0xFFFF)
    #expect(
      try refusal(of: NxFile.metadata(Erlang.tuple([[UInt8]](repeating: string, count: 16))).bytes)
        == "at byte 983078 the term has more than 1048576 values")
  }

  @Test(arguments: [
    Erlang.integer(255), Erlang.integer(-1), Erlang.integer(1 << 40), Erlang.integer(-1 << 40),
    [110, 8, 1, 0, 0, 0, 0, 0, 0, 0, 0x80], [110, 9, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0], [110, 0, 0],
    Erlang.float(-0.5), Erlang.atom("é"), Erlang.oldAtom("a"), [115, 1, 0xE9], [100, 0, 1, 0xE9],
    [118, 1, 0xFE] + [UInt8]([[UInt8]](repeating: Array("é".utf8), count: 255).joined()),
    [107, 0, 2, 1, 2], [105, 0, 0, 0, 1, 106], [108, 0, 0, 0, 0, 106], Erlang.binary([0xFF, 0]),
    Erlang.map([(Erlang.integer(1), [106]), (Erlang.float(1), [106])]),
    [UInt8]([[UInt8]](repeating: [104, 1], count: 64).joined()) + [106],
  ])
  func acceptsAnyKnownValue(_ term: [UInt8]) throws {
    #expect(try refusal(of: NxFile.metadata(term).bytes) == nil)
  }
}
