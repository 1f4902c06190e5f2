import HymbaCheckpoints
import TestSupport
import Testing

@Suite struct ZipRefusalTests {
  static let array = NpyFile([1], [7]).bytes
  static let contradiction =
    "the zip archive contradicts itself: its directory and its entries do not agree, or a name is not in the encoding that it should be; unpack it where you trust it, and pack it again"

  static let cases: [Refusal] = [
    .init(
      "no entries", ZipFile([]),
      "the zip archive has no entries"
    ),
    .init(
      "encrypted", ZipFile(.init("a.npy", array) { $0.flags = 1 }),
      "the entry “a.npy” is encrypted; unpack it and save the checkpoint without a password"
    ),
    .init(
      "another method", ZipFile(.init("a.npy", array) { $0.method = 6 }),
      "the entry “a.npy” is compressed with method 6, which is not read here; save it again with numpy.savez_compressed, or unpack it and pack it again"
    ),
    .init(
      "stored sizes differ", ZipFile(.init("a.npy", array) { $0.contentBytes = 500 }),
      "the entry “a.npy” is stored as it is, but declares 500 bytes and takes \(array.count)"
    ),
    .init(
      "more than deflate can hold",
      ZipFile(
        .init("a.npy", [3, 0]) {
          $0.method = 8
          $0.contentBytes = 3 << 30
        }),
      "the entry “a.npy” declares 3221225472 bytes, but its 2 compressed bytes cannot hold more than 2064"
    ),
    .init(
      "two entries of one name", ZipFile(.init("a.npy", array), .init("a.npy", array)),
      "the zip archive has two entries of one name"
    ),
    .init(
      "something else", ZipFile(.init("readme.txt", [65])),
      "this is a zip archive of neither PyTorch nor NumPy (its first entry is “readme.txt”); unpack it and name the checkpoint in it"
    ),
    .init(
      "Keras", ZipFile(.init("config.json", [65]), .init("model.weights.h5", [65])),
      "this is a Keras model; unpack it and name its model.weights.h5"
    ),
    .init(
      "torch.export", ZipFile(.init("m/archive_format", [65]), .init("m/data.pkl", [65])),
      "this is a program of torch.export, not a checkpoint; on a machine with the devices that it was exported on, save its weights: torch.save(torch.export.load(FILE).state_dict, NEW)"
    ),
    .init(
      "the entry's header has another name",
      ZipFile(.init("a.npy", array) { $0.localName = "b.npy" }),
      contradiction
    ),
  ]

  @Test("a zip archive that lies or is of another kind is refused", arguments: cases)
  func refused(_ zip: Refusal) throws {
    #expect(try refusalOfBytes(zip.bytes) == zip.message)
  }

  @Test("entries that overlap are refused")
  func overlapping() throws {
    // Each name stands for the same bytes; the sum is more than the file has.
    let array = NpyFile([1000], [UInt8](repeating: 1, count: 1000)).bytes
    var zip = ZipFile(.init("0.npy", array))
    for index in 1..<9 {
      zip.entries.append(
        .init("\(index).npy", []) {
          $0.offset = 0
          $0.storedBytes = array.count
          $0.contentBytes = array.count
          $0.checksum = ZipFile.crc32(array)
        })
    }
    let message = try #require(try refusal(of: zip))
    #expect(
      message.hasPrefix("the entries overlap: together they take ")
        || message == Self.contradiction)
  }

  @Test("an archive that claims 10 GB in 12 MB is refused before any of it is inflated")
  func bomb() throws {
    // 12 MB of holes that pretend to be deflated: within what deflate could hold.
    let stored = [UInt8](repeating: 0, count: 12 << 20)
    var zip = ZipFile(
      .init("a.npy", stored) {
        $0.method = 8
        $0.contentBytes = 10 << 30
        $0.checksum = 0
      })
    zip.isZip64 = true
    let folder = try TemporaryFolder()
    let bytes = zip.bytes
    let path = try folder.write(bytes, to: "bomb.npz")
    let start = ContinuousClock.now
    #expect(
      refusal { _ = try ZippedCheckpoint.open(path) }
        == "it claims to hold 10737418240 bytes in a file of \(bytes.count), more than 200 times its size; no trained weights do"
    )
    #expect(ContinuousClock.now - start < .seconds(1))
  }

  @Test("an archive of more entries than any checkpoint has is refused")
  func tooMany() throws {
    var zip = ZipFile((0...1 << 17).map { .init("\($0)", []) })
    zip.isZip64 = true
    #expect(
      try refusal(of: zip)
        == "the zip archive has 131073 entries; at most 131072 are accepted")
  }

  @Test("an archive cut at any length is refused")
  func truncated() throws {
    let whole = ZipFile(.init("a.npy", Self.array), .init("b.npy", Self.array)).bytes
    for length in 1..<whole.count {
      let message = try refusalOfBytes(Array(whole.prefix(length)))
      #expect(
        message?.hasPrefix("the zip archive ") == true, "cut to \(length): \(message ?? "opened")")
    }
    #expect(
      try refusalOfBytes(Array(whole.prefix(40)))
        == "the zip archive has no valid directory at its end: it is cut short or damaged")
  }
}
