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
    #expect(try names(("model", part), ("scale", tensor)) == ["model.w", "scale"])
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

  @Test("a tensor that is listed twice is refused")
  func twice() throws {
    let tensor = Pickle.tensor(Pickle.storage("0", 6), shape: [6], strides: [1])
    let pickle = Pickle.checkpoint(("w", tensor), ("w", tensor))
    #expect(
      try refusal(of: Pickle.archive(pickle, [("0", Self.bytes)]))
        == "the tensor “w” is listed twice")
  }
}
