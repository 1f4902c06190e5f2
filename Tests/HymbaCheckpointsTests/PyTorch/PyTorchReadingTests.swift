import HymbaCheckpoints
import HymbaFormat
import Testing

@Suite struct PyTorchReadingTests {
  static let bytes = (0..<24).map { UInt8($0) }

  @Test("storages of a big-endian machine are turned around, views too")
  func bigEndian() throws {
    let whole = Pickle.tensor(Pickle.storage("0", 6), shape: [2, 3], strides: [3, 1])
    let turned = Pickle.tensor(Pickle.storage("0", 6), shape: [3, 2], strides: [1, 3])
    let zip = Pickle.archive(
      Pickle.checkpoint(("whole", whole), ("turned", turned)), byteOrder: "big",
      [("0", Self.bytes)])
    let (source, folder) = try open(zip)
    defer { withExtendedLifetime(folder) {} }
    func elements(_ order: [Int]) -> [UInt8] {
      order.flatMap { element in (0..<4).reversed().map { UInt8(4 * element + $0) } }
    }
    #expect(try source.bytes(of: source.tensors[0]) == elements([0, 1, 2, 3, 4, 5]))
    #expect(try source.bytes(of: source.tensors[1]) == elements([0, 3, 1, 4, 2, 5]))
    #expect(
      try source.bytes(of: source.tensors[0], 3..<9) == Array(elements([0, 1, 2])[3..<9]))
  }

  @Test("the two parts of big-endian complex numbers are turned around each by itself")
  func bigEndianComplex() throws {
    let storage = Pickle.storage("0", 3, Pickle.global("torch", "ComplexFloatStorage"))
    let zip = Pickle.archive(
      Pickle.checkpoint(
        ("whole", Pickle.tensor(storage, shape: [3], strides: [1])),
        ("stepped", Pickle.tensor(storage, shape: [2], strides: [2]))), byteOrder: "big",
      [("0", Self.bytes)])
    let (source, folder) = try open(zip)
    defer { withExtendedLifetime(folder) {} }
    let parts = [0, 4, 8, 12, 16, 20].map { [UInt8]([$0 + 3, $0 + 2, $0 + 1, $0]) }
    #expect(source.tensors[0].type == .complex64)
    #expect(try source.bytes(of: source.tensors[0]) == parts.flatMap(\.self))
    #expect(
      try source.bytes(of: source.tensors[1]) == parts[0] + parts[1] + parts[4] + parts[5])
  }

  @Test("the first form of the rebuilding function, and a pickle at the archive's root, are read")
  func oldForms() throws {
    let tensor =
      Pickle.global("torch._utils", "_rebuild_tensor")
      + Pickle.tuple(
        Pickle.storage("0", 6), Pickle.integer(1), Pickle.sizes([2]), Pickle.sizes([1]))
      + Pickle.reduce
    let zip = ZipFile(
      .init("data.pkl", Pickle.checkpoint(("w", tensor))), .init("data/0", Self.bytes))
    let (source, folder) = try open(zip)
    defer { withExtendedLifetime(folder) {} }
    #expect(try source.bytes(of: source.tensors[0]) == Array(Self.bytes[4..<12]))
  }

  @Test("a part is taken for the weights only if nothing beside it could be weights")
  func parts() throws {
    let tensor = Pickle.tensor(Pickle.storage("0", 6), shape: [6], strides: [1])
    func names(_ entries: (key: String, value: [UInt8])...) throws -> [String] {
      let pickle =
        Pickle.proto + Pickle.emptyDictionary
        + entries.flatMap { Pickle.text($0.key) + $0.value + Pickle.setItem } + Pickle.stop
      return try open(Pickle.archive(pickle, [("0", Self.bytes)])).source.tensors.map(\.name)
    }
    let part = Pickle.dictionary((Pickle.text("w"), tensor))
    #expect(try names(("model", part)) == ["w"])
    #expect(try names(("model", part), ("rng_states", part)) == ["w"])
    #expect(try names(("model", part), ("head", part)) == ["model.w", "head.w"])
    let matrix = Pickle.tensor(Pickle.storage("0", 6), shape: [2, 3], strides: [3, 1])
    #expect(try names(("model", part), ("scale", matrix)) == ["model.w", "scale"])
    #expect(try names(("model", part), ("losses", tensor)) == ["w"])
    #expect(try names(("model", part), ("model_ema", part)) == ["w"])
    #expect(try names(("model", part), ("schema", part)) == ["model.w", "schema.w"])
    let number = Pickle.dictionary(
      (
        Pickle.text("best"), Pickle.tensor(Pickle.storage("0", 6), shape: [1, 1], strides: [1, 1])
      ))
    #expect(try names(("model", part), ("metrics", number)) == ["w"])
    #expect(try names(("model", tensor), ("losses", tensor)) == ["model", "losses"])
    #expect(
      try names(("state_dict", Pickle.dictionary((Pickle.text("model"), part)))) == ["w"])
    #expect(try names(("encoder", part)) == ["encoder.w"])
  }

  /// PyTorch stores them as they are, but an archive that was packed again is compressed.
  @Test("a tensor has its share of the stored bytes of its storage")
  func storedBytes() throws {
    let half = Pickle.tensor(Pickle.storage("0", 6), shape: [3], strides: [1])
    let repeated = Pickle.tensor(Pickle.storage("0", 6), shape: [100, 6], strides: [0, 1])
    let pickle = Pickle.checkpoint(("half", half), ("repeated", repeated))
    for isStored in [true, false] {
      var zip = Pickle.archive(pickle, [("0", Self.bytes)])
      if !isStored {
        zip.entries[1].stored = ZipReadingTests.deflated(Self.bytes)
        zip.entries[1].method = 8
        zip.entries[1].contentBytes = 24
        zip.entries[1].checksum = ZipFile.crc32(Self.bytes)
      }
      let (source, folder) = try open(zip)
      defer { withExtendedLifetime(folder) {} }
      let stored = source.tensors.map { source.storedBytes(of: $0) }
      // Five bytes of deflate around the 24.
      #expect(stored == (isStored ? [12, 24] : [14, 29]))
    }
  }

  /// An archive of one storage of 24 bytes, the last of which may be damaged.
  private static func archive(
    _ pickle: [UInt8], isDeflated: Bool, isDamaged: Bool
  ) -> ZipFile {
    var content = bytes
    if isDamaged { content[23] ^= 1 }
    var zip = Pickle.archive(pickle, [("0", content)])
    zip.entries[1].checksum = ZipFile.crc32(bytes)
    if isDeflated {
      zip.entries[1].stored = ZipReadingTests.deflated(content)
      zip.entries[1].method = 8
      zip.entries[1].contentBytes = 24
    }
    return zip
  }

  @Test(
    "damage in a storage is found whatever its tensors leave out of it, and in every order",
    arguments: [false, true], [[3, 2, 1], [3, 0], [0], [1, 3], [0, 1, 2, 3]])
  func damage(_ isDeflated: Bool, _ parts: [Int]) throws {
    var pickle = Pickle.proto + Pickle.emptyDictionary
    for part in parts {
      let tensor = Pickle.tensor(
        Pickle.storage("0", 6), offset: part, shape: [3], strides: [1])
      pickle += Pickle.text("t\(part)") + tensor + Pickle.setItem
    }
    pickle += Pickle.stop
    func read(isDamaged: Bool) throws {
      let zip = Self.archive(pickle, isDeflated: isDeflated, isDamaged: isDamaged)
      let (source, folder) = try open(zip)
      defer { withExtendedLifetime(folder) {} }
      // Often enough that a deflated storage is copied.
      for _ in 0..<3 {
        for (tensor, part) in Swift.zip(source.tensors, parts) {
          let expected = Array(Self.bytes[4 * part..<4 * part + 12])
          let bytes = try source.bytes(of: tensor)
          #expect(isDamaged || bytes == expected)
        }
      }
    }
    try read(isDamaged: false)
    #expect(
      refusal { try read(isDamaged: true) }?.hasPrefix("the entry “archive/data/0” is damaged: ")
        == true)
  }

  @Test("two storages whose keys differ only in Unicode normalisation are two")
  func normalisation() throws {
    let (composed, decomposed) = ("\u{E9}", "e\u{301}")
    let pickle = Pickle.checkpoint(
      ("a", Pickle.tensor(Pickle.storage(composed, 1), shape: [1], strides: [1])),
      ("b", Pickle.tensor(Pickle.storage(decomposed, 1), shape: [1], strides: [1])))
    let (source, folder) = try open(
      Pickle.archive(pickle, [(composed, [1, 2, 3, 4]), (decomposed, [5, 6, 7, 8])]))
    defer { withExtendedLifetime(folder) {} }
    #expect(try source.bytes(of: source.tensors[0]) == [1, 2, 3, 4])
    #expect(try source.bytes(of: source.tensors[1]) == [5, 6, 7, 8])
  }

  @Test("two tensors of one name are refused")
  func twice() throws {
    let tensor = Pickle.tensor(Pickle.storage("0", 6), shape: [6], strides: [1])
    let pickle = Pickle.checkpoint(("w", tensor), ("w", tensor))
    #expect(
      try refusal(of: Pickle.archive(pickle, [("0", Self.bytes)]))
        == "two tensors would be named “w”, as where the keys 1 and '1' lie in one dictionary, or a.b beside a dictionary a with b; rename one in Python, and save it again")
  }
}
